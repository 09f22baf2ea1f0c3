-- For projects that have no enrichment pipeline yet: the table and the bucket that one would fill.
-- A project that has them keeps them exactly as they are.

do $$
begin
  if to_regclass('public.conversations') is not null then
    return;
  end if;

  create table public.conversations (
    id                   uuid primary key default gen_random_uuid(),
    conversation_id      uuid not null unique default gen_random_uuid(),
    enrichment_status    text not null default 'not_started' check (enrichment_status in (
      'not_started', 'validation_failed', 'validated', 'enrichment_in_progress', 'enriched',
      'normalization_failed', 'completed')),
    enriched_file_path   text,
    persona_key          text,
    emotional_arc_key    text,
    topic_key            text,
    scaffolding_snapshot jsonb,
    quality_score        numeric check (quality_score between 0 and 5),
    tier                 text,
    batch_id             uuid,
    created_by           uuid references auth.users (id) on delete set null,
    created_at           timestamptz not null default now()
  );

  create index conversations_created_by_idx on public.conversations (created_by);

  alter table public.conversations enable row level security;

  revoke all on public.conversations from anon, authenticated;
  grant select on public.conversations to authenticated;
  grant select, insert, update, delete on public.conversations to service_role;

  create policy "Owners read their conversations" on public.conversations
    for select to authenticated using (created_by = (select auth.uid()));
end
$$;

insert into storage.buckets (id, name, public)
values ('conversation-files', 'conversation-files', false)
on conflict (id) do nothing;
