-- The private bucket of the training files, and who may read from it.
-- The largest object it takes: 50 MB, or what the setting says when this file runs, for example
--   set training_files.bucket_size_limit = '524288000';
-- (`make migrate` sets it from TRAINING_FILES_BUCKET_SIZE_LIMIT). Without the setting, an existing
-- bucket keeps the limit it has. A project's global upload limit counts as well.

do $$
declare
  wanted_limit bigint := nullif(current_setting('training_files.bucket_size_limit', true), '')::bigint;
  mime_types   constant text[] := array['application/json', 'application/x-ndjson', 'application/zip', 'text/plain'];
begin
  insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
  values ('training-files', 'training-files', false, coalesce(wanted_limit, 52428800), mime_types)
  on conflict (id) do update
    set public = false,
        file_size_limit = coalesce(wanted_limit, buckets.file_size_limit),
        allowed_mime_types = mime_types;
end
$$;

-- Every object lies in the folder of its revision. There is no policy for writing: only the
-- service role, which row level security does not bind, writes here. The object's name needs its table in
-- front: a training file has a name too, and one that its owner chooses.
drop policy if exists "Owners read the objects of their training files" on storage.objects;
create policy "Owners read the objects of their training files" on storage.objects
  for select to authenticated using (
    bucket_id = 'training-files'
    and exists (
      select from public.training_file_revisions r
      join public.training_files f on f.id = r.training_file_id
      where r.id = case
              when (storage.foldername(objects.name))[1] ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
              then ((storage.foldername(objects.name))[1])::uuid
            end
        and r.status = 'committed'
        and f.created_by = (select auth.uid())));

-- An export's objects lie in the folder of its id.
drop policy if exists "Owners read the exports of their training files" on storage.objects;
create policy "Owners read the exports of their training files" on storage.objects
  for select to authenticated using (
    bucket_id = 'training-files'
    and exists (
      select from public.training_file_exports e
      join public.training_files f on f.id = e.training_file_id
      where e.id = case
              when (storage.foldername(objects.name))[1] ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
              then ((storage.foldername(objects.name))[1])::uuid
            end
        and e.status = 'ready'
        and f.created_by = (select auth.uid())));
