-- What housekeeping looks after: work that nobody does any more, and objects that nobody needs any more.

-- Whether nobody needs an old revision: it has no tag, the next one has been there for a day, it was not exported within a
-- day, and nobody exports it or goes back to it now.
create or replace function public.is_training_file_revision_needless(p_old public.training_file_revisions)
returns boolean language plpgsql stable set search_path = '' as $$
begin
  return exists (
      select from public.training_file_revisions next
      where next.training_file_id = p_old.training_file_id and next.status = 'committed'
        and next.number = p_old.number + 1 and next.finished_at < now() - interval '1 day')
    and not exists (select from public.training_file_tags t where t.revision_id = p_old.id)
    and not exists (
      select from public.training_file_exports e
      where e.training_file_id = p_old.training_file_id and e.revision = p_old.number
        and (e.status = 'building' or e.finished_at > now() - interval '1 day'))
    and not exists (
      select from public.training_file_revisions back
      where back.training_file_id = p_old.training_file_id and back.status = 'building'
        and back.requested ->> 'change' = 'revert' and (back.requested ->> 'revision')::integer = p_old.number);
end
$$;

-- Gives up old revisions beyond the newest p_keep_revisions of a training file that nobody needs, at most p_limit. From
-- then on none of them can be tagged, exported, or gone back to; so whatever was begun before is seen here, and whatever
-- comes after is refused.
create or replace function public.give_up_training_file_revisions(p_keep_revisions integer, p_limit integer)
returns void language plpgsql set search_path = '' as $$
declare
  old uuid[];
begin
  -- Whoever begins something holds the revision meanwhile; what is held now is for the next run.
  old := array(
    select found.id from (
      select r.id from public.training_file_revisions r
      join public.training_files f on f.id = r.training_file_id
      where r.status = 'committed' and r.pruned_at is null and r.objects_removed_at is null
        and r.number <= f.revision - p_keep_revisions
        and public.is_training_file_revision_needless(r)
      limit p_limit
      for update of r skip locked) as found);
  -- What was begun up to the lock is seen by a statement of its own only.
  update public.training_file_revisions r set pruned_at = now()
  where r.id = any (old) and public.is_training_file_revision_needless(r);
end
$$;

-- The objects in a folder that no try of a shard owns. Those of a try wait for the end of its build, whichever attempt of
-- it they were written for. The operators are those of the index that storage has for prefixes of names.
create or replace function public.training_file_folder_objects(p_folder_id uuid)
returns setof text language sql stable set search_path = '' as $$
  select o.name from storage.objects o
  where o.bucket_id = 'training-files'
    and o.name ~>=~ (p_folder_id || '/') and o.name ~<~ (p_folder_id || '0')
    and not exists (
      select from public.training_file_shard_tries t where t.path = split_part(o.name, '.', 1));
$$;

-- What there is to do, at most p_limit of each kind:
--   requeue  builds in the background without a living worker
--   abandon  attempts of callers who are long gone
--   remove   revisions whose objects nobody needs: failed ones, those of removed files, and old ones, which are given up
--            here. Failed and removed ones wait until the longest-lived writer must have ended.
--   sweep    folders of removed revisions and exports into which somebody wrote after they were emptied. Other folders of
--            the bucket are nobody's business, whatever they are called.
create or replace function public.list_training_file_housekeeping(p_keep_revisions integer, p_limit integer)
returns jsonb language plpgsql volatile set search_path = '' set statement_timeout = '25s' as $$
begin
  perform public.give_up_training_file_revisions(p_keep_revisions, p_limit);
  return jsonb_build_object(
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
        where r.objects_removed_at is null
          and ((r.status = 'failed' and r.finished_at < now() - interval '20 minutes')
            or (r.status = 'committed' and r.pruned_at is not null))
        union all
        select d.revision_id from public.training_file_removals d
        where d.removed_at is null and d.created_at < now() - interval '20 minutes'
        limit p_limit) as due),
    'sweep', (
      select coalesce(jsonb_agg(due.id), '[]'::jsonb) from (
        select d.revision_id as id from public.training_file_removals d
        where d.removed_at is not null
          and not exists (select from public.training_file_revisions r where r.id = d.revision_id)
          -- As training_file_folder_objects, which would be called for each of them. Without the offset PostgreSQL makes
          -- joins of it, and goes through all tries or objects for each folder.
          and exists (
            select from storage.objects o
            where o.bucket_id = 'training-files'
              and o.name ~>=~ (d.revision_id || '/') and o.name ~<~ (d.revision_id || '0')
              and not exists (
                select from public.training_file_shard_tries t where t.path = split_part(o.name, '.', 1))
            offset 0)
        limit p_limit) as due));
end
$$;

-- The objects in these folders, without those of tries of shards that there are.
create or replace function public.list_training_file_folder_objects(p_folder_ids jsonb)
returns jsonb language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(o.name order by o.name), '[]')
  from jsonb_array_elements_text(p_folder_ids) as folder (id)
  cross join lateral public.training_file_folder_objects(folder.id::uuid) as o (name);
$$;

-- Tries of builds that ended, at most p_limit, with their objects, and for a revision that is committed those that putting
-- it together has left in its folder. Whoever was at an unfinished one, or at one of a build that failed, must have ended
-- as well.
create or replace function public.list_training_file_shards_left(p_limit integer)
returns jsonb language sql stable set search_path = '' as $$
  with due as (
    select t.id, t.path, case when r.status = 'committed' then r.id end as committed
    from public.training_file_shard_tries t
    join public.training_file_revisions r on r.id = t.revision_id
    where (r.status = 'failed' and r.finished_at < now() - interval '20 minutes')
      or (r.status = 'committed'
        and (t.finished_at is not null or t.begun_at < now() - interval '20 minutes'))
    order by t.begun_at, t.id limit p_limit
  ), left_over as (
    select d.path || ending.ending as path
    from due d cross join (values ('.json'), ('.jsonl'), ('.analyses.jsonl')) as ending (ending)
    union all
    select o.name from (select distinct d.committed as id from due d where d.committed is not null) as r
    cross join lateral public.training_file_folder_objects(r.id) as o (name) where o.name like r.id || '/shard-%'
  )
  select jsonb_build_object(
    'try_ids', (select coalesce(jsonb_agg(d.id), '[]') from due d),
    'paths', (select coalesce(jsonb_agg(o.path), '[]') from left_over o));
$$;

-- Removes tries whose objects are gone, with their rows.
create or replace function public.forget_training_file_shard_tries(p_try_ids jsonb)
returns void language sql set search_path = '' set statement_timeout = '60s' as $$
  delete from public.training_file_shard_tries t
  where t.id in (select forgotten.id::uuid from jsonb_array_elements_text(p_try_ids) as forgotten (id));
$$;

create or replace function public.mark_training_file_objects_removed(p_revision_ids jsonb)
returns void language plpgsql set search_path = '' as $$
declare
  removed uuid[] := array(select jsonb_array_elements_text(p_revision_ids)::uuid);
begin
  update public.training_file_revisions r
  set objects_removed_at = now(), pruned_at = case when r.status = 'committed' then coalesce(r.pruned_at, now()) end
  where r.id = any (removed);
  update public.training_file_removals d set removed_at = now()
  where d.revision_id = any (removed) and d.removed_at is null;
  delete from public.training_file_removals d where d.removed_at < now() - interval '30 days';
end
$$;

-- Forgets attempts that failed a month ago, at most p_limit, and says how many. The last one of a training file that
-- never had a revision stays: it says why.
create or replace function public.prune_training_file_attempts(p_limit integer)
returns integer language plpgsql set search_path = '' as $$
declare
  forgotten integer;
begin
  delete from public.training_file_revisions r
  where r.id in (
    select old.id from public.training_file_revisions old
    join public.training_files f on f.id = old.training_file_id
    where old.status = 'failed' and old.finished_at < now() - interval '30 days' and old.objects_removed_at is not null
      and (f.revision > 0 or exists (
        select from public.training_file_revisions later
        where later.training_file_id = old.training_file_id
          and (later.created_at, later.id) > (old.created_at, old.id)))
    order by old.finished_at limit p_limit);
  get diagnostics forgotten = row_count;
  return forgotten;
end
$$;

-- Removes exports that nobody was given links to for p_keep_days, and of each training file those beyond the 50 newest
-- once they are a day old; at most p_limit. Says how many.
create or replace function public.prune_training_file_exports(p_keep_days integer, p_limit integer)
returns integer language plpgsql set search_path = '' as $$
declare
  removed integer;
begin
  delete from public.training_file_exports e
  where e.id in (
    select old.id from (
      select x.id, x.used_at, x.finished_at,
        row_number() over (partition by x.training_file_id order by x.created_at desc, x.id desc) as place
      from public.training_file_exports x where x.status <> 'building') as old
    where old.used_at < now() - make_interval(days => p_keep_days)
      or (old.place > 50 and old.finished_at < now() - interval '1 day')
    limit p_limit);
  get diagnostics removed = row_count;
  return removed;
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
