-- The rows of what a build in the background was asked for, by ids or by a selection, and how much it comes to.

-- The conversations that a build in the background is to take, in their order, until it has ended for good.
create table if not exists public.training_file_requested_conversations (
  revision_id     uuid not null references public.training_file_revisions (id) on delete cascade,
  position        integer not null check (position > 0),
  conversation_id uuid not null,
  primary key (revision_id, position)
);

alter table public.training_file_requested_conversations enable row level security;
revoke all on public.training_file_requested_conversations from anon, authenticated;
grant select, insert, update, delete on public.training_file_requested_conversations to service_role;

-- Builds that were asked for before there were such rows, and may still be built.
insert into public.training_file_requested_conversations (revision_id, position, conversation_id)
select r.id, asked.position, asked.id::uuid
from public.training_file_revisions r
cross join lateral jsonb_array_elements_text(r.requested -> 'conversation_ids') with ordinality as asked (id, position)
where r.background and (r.status = 'building' or r.awaits_retry)
on conflict do nothing;
update public.training_file_revisions r set requested = r.requested - 'conversation_ids'
where r.requested ? 'conversation_ids';

-- Which conversations were asked for, nobody needs any more when the build was committed, was given up, or has failed for
-- good; the attempt after it has them of its own.
create or replace function public.forget_requested_conversations() returns trigger
  language plpgsql set search_path = '' as $$
begin
  delete from public.training_file_requested_conversations q where q.revision_id = new.id;
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
      from public.training_file_requested_conversations q
      join public.conversations c on c.conversation_id = q.conversation_id
      join storage.objects o on o.bucket_id = 'conversation-files' and o.name = c.enriched_file_path
      where q.revision_id = attempt),
    'most', (select b.file_size_limit from storage.buckets b where b.id = 'training-files'));
end
$$;
