-- Collection rules: an enriched conversation that matches one is added to its training file by itself.

alter table public.training_files add column if not exists collect jsonb
  check (collect is null or jsonb_typeof(collect) = 'object');

create index if not exists training_files_collecting_idx
  on public.training_files (created_by) where collect is not null;

-- The training files whose rule takes some of these conversations of their owner, with those that they do not have
-- yet. Empty lists match everything. A conversation without a score of its own is judged when it is read.
create or replace function public.match_training_file_collections(p_ids jsonb)
returns jsonb language plpgsql stable set search_path = '' as $$
declare
  wanted uuid[] := array(select jsonb_array_elements_text(p_ids)::uuid);
begin
  return coalesce((
    select jsonb_agg(matched) from (
      select f.id as training_file_id, f.created_by, f.collect, jsonb_agg(c.conversation_id) as conversation_ids
      from public.training_files f
      join public.conversations c on c.created_by = f.created_by
      cross join lateral (
        select coalesce(nullif(c.persona_key, ''), c.scaffolding_snapshot #>> '{persona,persona_key}') as persona,
          coalesce(nullif(c.emotional_arc_key, ''), c.scaffolding_snapshot #>> '{emotional_arc,arc_key}') as arc,
          coalesce(nullif(c.topic_key, ''), c.scaffolding_snapshot #>> '{training_topic,topic_key}') as topic
      ) as keys
      where (c.conversation_id = any (wanted) or c.id = any (wanted))
        and f.status = 'active' and f.collect is not null
        and c.enrichment_status in ('enriched', 'completed') and c.enriched_file_path <> ''
        and (c.quality_score is null or c.quality_score between 0 and 5)
        and (f.collect -> 'personas' = '[]' or f.collect -> 'personas' ? keys.persona)
        and (f.collect -> 'emotional_arcs' = '[]' or f.collect -> 'emotional_arcs' ? keys.arc)
        and (f.collect -> 'training_topics' = '[]' or f.collect -> 'training_topics' ? keys.topic)
        and (c.quality_score is null or f.collect ->> 'min_quality_score' is null
          or c.quality_score >= (f.collect ->> 'min_quality_score')::numeric)
        and not exists (
          select from public.training_file_conversations m
          where m.training_file_id = f.id and m.conversation_id = c.conversation_id)
      group by f.id
    ) as matched), '[]'::jsonb);
end
$$;

revoke execute on function public.match_training_file_collections(jsonb) from public, anon, authenticated;
grant execute on function public.match_training_file_collections(jsonb) to service_role;

notify pgrst, 'reload schema';
