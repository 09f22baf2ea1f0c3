-- Suggestions: which conversations could be added to a training file, and would balance it.

-- The training file, and of the enriched conversations that its caller may use and that are not in it: at most p_limit
-- of each persona, arc and topic, the best scored, then the oldest first, those scored below 3.5 last. Of more than
-- p_most of these, the best of each group go first, and groups whose keys are rare in the file. 100,000 conversations
-- do not travel.
create or replace function public.suggest_training_file_conversations(
  p_training_file_id  uuid,
  p_owner             uuid,
  p_all_conversations boolean,
  p_limit             integer,
  p_most              integer default 5000
) returns jsonb language plpgsql stable set search_path = '' as $$
declare
  file public.training_files;
begin
  select f.* into file from public.training_files f
  where f.id = p_training_file_id and (p_owner is null or f.created_by = p_owner);
  if file.id is null then
    return '{}';
  end if;
  return jsonb_build_object('training_file', to_jsonb(file), 'candidates', coalesce((
    with eligible as (
      select c.conversation_id, c.created_at, c.quality_score,
        nullif(coalesce(nullif(c.persona_key, ''), c.scaffolding_snapshot #>> '{persona,persona_key}'), '') as persona,
        nullif(coalesce(nullif(c.emotional_arc_key, ''), c.scaffolding_snapshot #>> '{emotional_arc,arc_key}'), '')
          as arc,
        nullif(coalesce(nullif(c.topic_key, ''), c.scaffolding_snapshot #>> '{training_topic,topic_key}'), '') as topic
      from public.conversations c
      where c.enrichment_status in ('enriched', 'completed') and c.enriched_file_path <> ''
        and (c.quality_score is null or c.quality_score between 0 and 5)
        and (p_all_conversations or c.created_by is null or c.created_by = file.created_by)
        and not exists (
          select from public.training_file_conversations m
          where m.training_file_id = file.id and m.conversation_id = c.conversation_id)
    ), placed as (
      select e.*, row_number() over (
        partition by e.persona, e.arc, e.topic
        order by coalesce(e.quality_score < 3.5, false), e.quality_score desc nulls last, e.created_at,
          e.conversation_id) as place
      from eligible e
    ), best as (
      select p.* from placed p where p.place <= p_limit
      order by p.place,
        coalesce((file.scaffolding_distribution -> 'personas' ->> p.persona)::integer, 0)
          + coalesce((file.scaffolding_distribution -> 'emotional_arcs' ->> p.arc)::integer, 0)
          + coalesce((file.scaffolding_distribution -> 'training_topics' ->> p.topic)::integer, 0),
        p.conversation_id
      limit p_most
    )
    select jsonb_agg(jsonb_build_object(
      'conversation_id', b.conversation_id, 'created_at', b.created_at, 'quality_score', b.quality_score,
      'persona_key', b.persona, 'emotional_arc_key', b.arc, 'training_topic_key', b.topic))
    from best b), '[]'));
end
$$;

revoke execute on function public.suggest_training_file_conversations(uuid, uuid, boolean, integer, integer)
  from public, anon, authenticated;
grant execute on function public.suggest_training_file_conversations(uuid, uuid, boolean, integer, integer)
  to service_role;

notify pgrst, 'reload schema';
