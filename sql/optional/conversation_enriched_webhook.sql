-- Optional: tells Training Files of every conversation that is enriched, so that collection rules take it at once.
-- Replace the address and the secret, then run this in the SQL editor. It needs the extension pg_net.

create extension if not exists pg_net;

create or replace function public.tell_of_enriched_conversation() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform net.http_post(
    url     := 'https://YOUR-API.execute-api.YOUR-REGION.amazonaws.com/api/hooks/conversation-enriched',
    headers := jsonb_build_object('Content-Type', 'application/json', 'X-Webhook-Secret', 'YOUR-HOOK-SECRET'),
    body    := jsonb_build_object('type', tg_op, 'table', 'conversations', 'record', jsonb_build_object(
                 'conversation_id', new.conversation_id, 'enrichment_status', new.enrichment_status)));
  return null;
end
$$;
revoke execute on function public.tell_of_enriched_conversation() from public, anon, authenticated;

create or replace trigger conversations_tell_of_enrichment
  after insert or update of enrichment_status on public.conversations
  for each row when (new.enrichment_status in ('enriched', 'completed'))
  execute function public.tell_of_enriched_conversation();
