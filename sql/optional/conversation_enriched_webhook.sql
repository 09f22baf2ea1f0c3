-- Optional: tells Training Files of every conversation that is enriched, so that collection rules take it at once.
-- Replace the address, then run this in the SQL editor. It needs the extension pg_net, and the secret HOOK_SECRET in
-- Supabase Vault, where the source of a function does not show it:
--
--   select vault.create_secret('the value of HOOK_SECRET', 'training_files_hook_secret');

create extension if not exists pg_net;

-- pg_net asks once: a request that the API throttles is lost. So each statement makes few of them, with up to 500 ids,
-- which is as many as the API takes, and only of rows that have become what a rule may take.
create or replace function public.tell_of_enriched_conversation() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  -- The statuses of the setting USABLE_STATUSES.
  usable text[] := '{completed}';
  known  uuid[] := '{}';
  secret text;
begin
  select s.decrypted_secret into secret from vault.decrypted_secrets s where s.name = 'training_files_hook_secret';
  if secret is null then
    raise warning 'the vault has no secret training_files_hook_secret, so nobody is told of enriched conversations';
    return null;
  end if;
  if tg_op = 'UPDATE' then
    known := array(
      select o.conversation_id from old_rows o
      where o.enrichment_status = any (usable) and o.enriched_file_path <> '');
  end if;
  perform net.http_post(
    url     := 'https://YOUR-API.execute-api.YOUR-REGION.amazonaws.com/api/hooks/conversation-enriched',
    headers := jsonb_build_object('Content-Type', 'application/json', 'X-Webhook-Secret', secret),
    body    := jsonb_build_object('conversation_ids', part.ids),
    timeout_milliseconds := 10000)
  from (
    select jsonb_agg(enriched.conversation_id) as ids
    from (
      select n.conversation_id, (row_number() over () - 1) / 500 as part from new_rows n
      where n.enrichment_status = any (usable) and n.enriched_file_path <> ''
        and n.conversation_id not in (select unnest(known))
    ) as enriched
    group by enriched.part
  ) as part;
  return null;
end
$$;
revoke execute on function public.tell_of_enriched_conversation() from public, anon, authenticated;

-- Two triggers: one that sees the rows of its statement is for one kind of statement, and for all columns.
create or replace trigger conversations_tell_of_enrichment
  after update on public.conversations referencing old table as old_rows new table as new_rows
  for each statement execute function public.tell_of_enriched_conversation();

create or replace trigger conversations_tell_of_enriched_rows
  after insert on public.conversations referencing new table as new_rows
  for each statement execute function public.tell_of_enriched_conversation();
