// Lite serves Storage only with this switch, and reads it once, when it is imported. Imports run before any
// statement of the importing module, so the switch has a module of its own.
process.env.EXPERIMENTAL_STORAGE = "1";
