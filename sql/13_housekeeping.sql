-- What housekeeping looks after: work that nobody does any more, and objects that nobody needs any more.

-- What there is to do, at most p_limit of each kind:
--   requeue  builds in the background without a living worker
--   abandon  attempts of callers who are long gone
--   remove   revisions whose objects nobody needs: failed ones, those of removed files, and old versions beyond the
--            newest p_keep_revisions. Failed and removed ones wait until the longest-lived writer must have ended.
--   sweep    folders of the bucket that look like a revision's and are none's, for a day at least: whoever wrote there
--            came too late, or the rows were taken away by other hands
create or replace function public.list_training_file_housekeeping(p_keep_revisions integer, p_limit integer)
returns jsonb language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'requeue', (
      select coalesce(jsonb_agg(due.id), '[]'::jsonb) from (
        select r.id from public.training_file_revisions r
        where r.status = 'building' and r.background
          and coalesce(r.lease_expires_at, r.created_at + interval '2 minutes') < now() - interval '1 minute'
        order by r.created_at limit p_limit) as due),
    'abandon', (
      select coalesce(jsonb_agg(due.id), '[]'::jsonb) from (
        select r.id from public.training_file_revisions r
        where r.status = 'building' and not r.background and r.created_at < now() - interval '15 minutes'
        order by r.created_at limit p_limit) as due),
    'remove', (
      select coalesce(jsonb_agg(due.id), '[]'::jsonb) from (
        select r.id from public.training_file_revisions r
        join public.training_files f on f.id = r.training_file_id
        where r.objects_removed_at is null
          and ((r.status = 'failed' and r.finished_at < now() - interval '20 minutes')
            or (r.status = 'committed' and r.number <= f.revision - p_keep_revisions))
        union all
        select d.revision_id from public.training_file_removals d
        where d.created_at < now() - interval '20 minutes'
        limit p_limit) as due),
    'sweep', (
      select coalesce(jsonb_agg(due.id), '[]'::jsonb) from (
        select distinct folder.id from (
          select case
            when o.name ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/training\.jsonl?$'
            then split_part(o.name, '/', 1)::uuid end as id
          from storage.objects o
          where o.bucket_id = 'training-files' and o.created_at < now() - interval '1 day') as folder
        where folder.id is not null
          and not exists (select from public.training_file_revisions r where r.id = folder.id)
          and not exists (select from public.training_file_removals d where d.revision_id = folder.id)
        limit p_limit) as due))
$$;

create or replace function public.mark_training_file_objects_removed(p_revision_ids jsonb)
returns void language plpgsql set search_path = '' as $$
declare
  removed uuid[] := array(select jsonb_array_elements_text(p_revision_ids)::uuid);
begin
  update public.training_file_revisions r set objects_removed_at = now() where r.id = any (removed);
  delete from public.training_file_removals d where d.revision_id = any (removed);
end
$$;

-- Exports that nobody builds, at most p_limit: their message or their builder was lost.
create or replace function public.list_training_file_exports_left(p_limit integer)
returns jsonb language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(due.id), '[]'::jsonb) from (
    select e.id from public.training_file_exports e
    where e.status = 'building'
      and coalesce(e.lease_expires_at, e.created_at + interval '2 minutes') < now() - interval '1 minute'
    order by e.created_at limit p_limit) as due
$$;
