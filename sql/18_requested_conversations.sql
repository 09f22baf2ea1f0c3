-- The rows of what a build in the background was asked for, by ids or by a selection.

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
