// The contrast of every visible text with what is behind it (WCAG 2.2, 1.4.3), the lowest first.
() => {
  const channels = (colour) => {
    const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
    return { rgb: [red, green, blue], alpha };
  };
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const { rgb, alpha } = channels(getComputedStyle(each).backgroundColor);
      if (alpha === 1) return rgb;
      if (alpha !== 0) throw new Error(`${each.className} is half transparent`);
    }
    return [255, 255, 255];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const box = element.getBoundingClientRect();
    if (!texts.currentNode.data.trim() || !box.width || !box.height) continue;
    const style = getComputedStyle(element);
    const shown = element.namespaceURI.endsWith("svg") ? style.fill : style.color;
    const [lighter, darker] = [channels(shown).rgb, behind(element)].map(luminance).sort((a, b) => b - a);
    const ratio = (lighter + 0.05) / (darker + 0.05);
    found.push({ ratio, text: texts.currentNode.data.trim().slice(0, 40), place: `${element.tagName}.${element.getAttribute("class")}` });
  }
  return found.sort((a, b) => a.ratio - b.ratio);
}
