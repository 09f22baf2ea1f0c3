-- What the quality report asks of storage and conversations: whether the objects of a revision are there in their full
-- size, and whose enriched file may be another one than the one that was added.

-- A worker may have read an enriched file as long before it was added as a Lambda function can live. Whether a file
-- that was written since then is another one, only its bytes tell; those that are gone tell it themselves,
-- and are left out with p_newer_only.
drop function if exists public.training_file_revision_surroundings(uuid, integer, integer);
create or replace function public.training_file_revision_surroundings(
  p_training_file_id uuid,
  p_revision         integer,
  p_limit            integer,
  p_newer_only       boolean default false
) returns jsonb language plpgsql stable set search_path = '' set statement_timeout = '25s' as $$
declare
  base  public.training_file_revisions;
  found jsonb;
begin
  select r.* into base from public.training_file_revisions r
  where r.training_file_id = p_training_file_id and r.number = p_revision and r.status = 'committed';

  with doubts as (
    select m.conversation_id, m.position, m.enriched_sha256, c.enriched_file_path,
      case when c.id is null then 'row_gone' when o.id is null then 'file_missing' else 'newer' end as reason,
      coalesce(o.updated_at, o.created_at) > m.added_at as is_later,
      coalesce((o.metadata ->> 'size')::bigint, 0) as bytes
    from public.training_file_conversations m
    left join public.conversations c on c.conversation_id = m.conversation_id
    left join storage.objects o on o.bucket_id = 'conversation-files' and o.name = c.enriched_file_path
    where m.training_file_id = p_training_file_id and m.added_in_revision <= p_revision
      and (m.removed_in_revision is null or m.removed_in_revision > p_revision)
      and (o.id is not null or not p_newer_only)
      and (o.id is null or coalesce(o.updated_at, o.created_at) > m.added_at - interval '15 minutes')
  ), first as (
    select d.* from doubts d order by d.reason = 'newer', d.is_later desc nulls last, d.position limit p_limit
  )
  select jsonb_build_object(
    'doubts_total', (select count(*) from doubts),
    'doubts', coalesce((
      select jsonb_agg(jsonb_build_object(
        'conversation_id', f.conversation_id, 'reason', f.reason, 'enriched_file_path', f.enriched_file_path,
        'enriched_sha256', f.enriched_sha256, 'bytes', f.bytes)
        order by f.reason = 'newer', f.is_later desc nulls last, f.position)
      from first f), '[]'))
  into found;

  return found || jsonb_build_object(
    'json_object_bytes', (
      select (o.metadata ->> 'size')::bigint from storage.objects o
      where o.bucket_id = 'training-files' and o.name = base.json_file_path),
    'jsonl_object_bytes', (
      select (o.metadata ->> 'size')::bigint from storage.objects o
      where o.bucket_id = 'training-files' and o.name = base.jsonl_file_path));
end
$$;
