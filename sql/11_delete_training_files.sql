-- Removes a training file with all its rows. Returns the ids of its revisions, whose objects are to be
-- removed from the bucket, or null where the owner has no such training file.
create or replace function public.delete_training_file(p_training_file_id uuid, p_owner uuid)
returns jsonb language plpgsql set search_path = '' set statement_timeout = '25s' as $$
declare
  revision_ids jsonb;
begin
  perform from public.training_files f
  where f.id = p_training_file_id and (p_owner is null or f.created_by = p_owner)
  for update;
  if not found then
    return null;
  end if;

  select coalesce(jsonb_agg(r.id), '[]'::jsonb) into revision_ids
  from public.training_file_revisions r where r.training_file_id = p_training_file_id;
  delete from public.training_files f where f.id = p_training_file_id;
  return revision_ids;
end
$$;
