-- What is kept of conversations when they enter a training file, and what text health found in those of a revision.

-- Null where a conversation was added before there was an analysis.
alter table public.training_file_conversations add column if not exists analysis jsonb
  check (jsonb_typeof(analysis) = 'object');

alter table public.training_file_revisions add column if not exists warnings jsonb
  check (jsonb_typeof(warnings) = 'object');

notify pgrst, 'reload schema';
