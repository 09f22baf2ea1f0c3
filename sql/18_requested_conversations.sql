-- The rows of what a build in the background was asked for, by ids or by a selection, and how much it comes to.

-- The conversations that a build in the background is to take, in their order, until it has ended for good: 1,000 a row,
-- so that all of them go to another attempt at once.
create table if not exists public.training_file_requested_parts (
  revision_id      uuid not null references public.training_file_revisions (id) on delete cascade,
  part             integer not null check (part > 0),
  conversation_ids uuid[] not null check (cardinality(conversation_ids) between 1 and 1000),
  primary key (revision_id, part)
);

alter table public.training_file_requested_parts enable row level security;
revoke all on public.training_file_requested_parts from anon, authenticated;
grant select, insert, update, delete on public.training_file_requested_parts to service_role;

-- Keeps what a build was asked for.
create or replace function public.keep_requested_conversations(p_revision_id uuid, p_asked uuid[])
returns void language sql set search_path = '' as $$
  insert into public.training_file_requested_parts (revision_id, part, conversation_ids)
  select p_revision_id, (asked.position - 1) / 1000 + 1, array_agg(asked.id order by asked.position)
  from unnest(p_asked) with ordinality as asked (id, position) group by 2;
$$;

-- Of what a build was asked for, at most p_limit behind a position: [[position, conversation_id], …].
create or replace function public.list_requested_conversations(
  p_revision_id    uuid,
  p_limit          integer,
  p_after_position integer default 0
) returns jsonb language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_array(page.position, page.id) order by page.position), '[]')
  from (
    select (q.part - 1) * 1000 + asked.place as position, asked.id
    from public.training_file_requested_parts q
    cross join lateral unnest(q.conversation_ids) with ordinality as asked (id, place)
    where q.revision_id = p_revision_id
      and q.part between p_after_position / 1000 + 1 and (p_after_position + p_limit - 1) / 1000 + 1
  ) as page
  where page.position > p_after_position and page.position <= p_after_position + p_limit;
$$;

-- Before 0.2.0 was released, each conversation had a row of its own for a while. What waits goes on, and no released version
-- knows the table.
do $$
begin
  if to_regclass('public.training_file_requested_conversations') is not null then
    insert into public.training_file_requested_parts (revision_id, part, conversation_ids)
    select q.revision_id, (q.position - 1) / 1000 + 1, array_agg(q.conversation_id order by q.position)
    from public.training_file_requested_conversations q
    join public.training_file_revisions r on r.id = q.revision_id
    where r.status = 'building' or r.awaits_retry
    group by 1, 2
    on conflict do nothing;
    drop table public.training_file_requested_conversations;
  end if;
end
$$;

-- Builds that were asked for before there were such rows, and may still be built.
do $$
declare
  old record;
begin
  for old in
    select r.id, array(select jsonb_array_elements_text(r.requested -> 'conversation_ids')::uuid) as asked
    from public.training_file_revisions r
    where r.requested ? 'conversation_ids' and r.background and (r.status = 'building' or r.awaits_retry)
  loop
    perform public.keep_requested_conversations(old.id, old.asked);
  end loop;
end
$$;
update public.training_file_revisions r set requested = r.requested - 'conversation_ids'
where r.requested ? 'conversation_ids';

-- Which conversations were asked for, nobody needs any more when the build was committed, was given up, or has failed for
-- good; the attempt after it has them of its own.
create or replace function public.forget_requested_conversations() returns trigger
  language plpgsql set search_path = '' as $$
begin
  delete from public.training_file_requested_parts q where q.revision_id = new.id;
  return null;
end
$$;

create or replace trigger training_file_revisions_forget_requested after update of status, error
  on public.training_file_revisions
  for each row when (new.background and new.status <> 'building' and not new.awaits_retry)
  execute function public.forget_requested_conversations();

-- The bytes of all enriched files that a build was asked for, and the most that an object of the bucket of training files
-- may have; null where nothing is set.
create or replace function public.estimate_training_file_build(p_build_id uuid)
returns jsonb language plpgsql stable
  set search_path = '' set statement_timeout = '60s' set enable_nestloop = off as $$
declare
  attempt constant uuid := (public.lasting_training_file_attempt(p_build_id)).id;
begin
  return jsonb_build_object(
    'bytes', (
      select coalesce(sum((o.metadata ->> 'size')::bigint), 0)
      from public.training_file_requested_parts q
      cross join lateral unnest(q.conversation_ids) as asked (id)
      join public.conversations c on c.conversation_id = asked.id
      join storage.objects o on o.bucket_id = 'conversation-files' and o.name = c.enriched_file_path
      where q.revision_id = attempt),
    'most', (select b.file_size_limit from storage.buckets b where b.id = 'training-files'));
end
$$;
