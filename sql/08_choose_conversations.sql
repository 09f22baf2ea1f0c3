-- Choosing: which conversations a request means, which of them a collection rule takes, which would balance a file.
-- Each function is one transaction, and safe to call again with the same arguments.

-- What a pipeline has written as JSON within a JSON string; null where it is none. Called for strings only: its handler
-- of errors costs more than all else in a row.
create or replace function public.training_file_snapshot(p_written jsonb)
returns jsonb language plpgsql immutable set search_path = '' as $$
begin
  return (p_written #>> '{}')::jsonb;
exception when invalid_text_representation then
  return null;
end
$$;

-- Everything a request needs to know before anything is built, in one query of any size:
-- the conversations that the caller may use, found by their conversation_id or row id; whether they are in
-- the training file already; the training file with its current revision; whether the wanted name is taken
-- (by more than a creation that died, whose name begin_training_file_revision takes over).
create or replace function public.resolve_training_file_request(
  p_owner             uuid,
  p_ids               jsonb,
  p_all_conversations boolean,
  p_training_file_id  uuid default null,
  p_name              text default null
) returns jsonb language plpgsql stable set search_path = '' as $$
declare
  wanted uuid[] := array(select jsonb_array_elements_text(p_ids)::uuid);
  caller uuid   := coalesce(p_owner, (
    select f.created_by from public.training_files f where f.id = p_training_file_id));
begin
  return jsonb_build_object(
    'name_taken', exists (
      select from public.training_files f
      where f.created_by = p_owner and f.name = p_name
        and not (f.status = 'processing' and f.revision = 0
          and f.updated_at < now() - interval '15 minutes'
          and not exists (
            select from public.training_file_revisions r where r.training_file_id = f.id and r.background))),
    'name_of_failed', exists (
      select from public.training_files f
      where f.created_by = p_owner and f.name = p_name and f.status = 'failed'),
    'training_file', (
      select to_jsonb(f) from public.training_files f
      where f.id = p_training_file_id and (p_owner is null or f.created_by = p_owner)),
    -- Without what was asked for then: only whoever builds it has use for that.
    'base', (
      select to_jsonb(r) - 'requested' from public.training_file_revisions r
      join public.training_files f on f.id = r.training_file_id
      where f.id = p_training_file_id and (p_owner is null or f.created_by = p_owner)
        and r.status = 'committed' and r.number = f.revision),
    'conversations', coalesce((
      select jsonb_agg(jsonb_build_object(
        'id', c.id,
        'conversation_id', c.conversation_id,
        'enrichment_status', c.enrichment_status,
        'enriched_file_path', c.enriched_file_path,
        'quality_score', c.quality_score,
        'created_at', c.created_at,
        'created_by', c.created_by,
        -- Some projects have no column batch_id. Inside the sub-select the name means the table's column
        -- where there is one, and otherwise the constant of the outer query.
        'batch_id', (select batch_id::text from public.conversations t where t.id = c.id),
        'persona_key', coalesce(
          nullif(c.persona_key, ''), snapshot.value #>> '{persona,persona_key}'),
        'persona_name', snapshot.value #>> '{persona,name}',
        'emotional_arc_key', coalesce(
          nullif(c.emotional_arc_key, ''), snapshot.value #>> '{emotional_arc,arc_key}'),
        'emotional_arc_name', snapshot.value #>> '{emotional_arc,name}',
        'training_topic_key', coalesce(
          nullif(c.topic_key, ''), snapshot.value #>> '{training_topic,topic_key}'),
        'training_topic_name', snapshot.value #>> '{training_topic,name}',
        'already_in_file', exists (
          select from public.training_file_conversations m
          where m.training_file_id = p_training_file_id and m.conversation_id = c.conversation_id
            and m.removed_in_revision is null)))
      from public.conversations c
      cross join (select null::text as batch_id) as absent_column
      cross join lateral (
        select case jsonb_typeof(c.scaffolding_snapshot)
          when 'string' then public.training_file_snapshot(c.scaffolding_snapshot)
          else c.scaffolding_snapshot end as value) as snapshot
      where (c.conversation_id = any (wanted) or c.id = any (wanted))
        and (p_all_conversations or c.created_by is null or c.created_by = caller)
    ), '[]'::jsonb));
end
$$;

-- Which of these conversations the rules of training files of their owner take, by what both are: the conditions are those
-- of a filter, from 15_list_conversations.sql. Once a training file has had a conversation, its rule does not take it again:
-- what somebody removed stays away, however often it is announced.
create or replace function public.training_file_rule_matches(p_ids uuid[], p_usable_statuses text[])
returns table (training_file_id uuid, conversation_id uuid) language plpgsql stable set search_path = '' as $$
begin
  return query execute
    'with chosen as materialized (' || public.training_file_choices_query(
      '(c.conversation_id = any ($3) or c.id = any ($3))', '{}') || $query$
    )
    select f.id, c.conversation_id
    from chosen c
    join public.training_files f on f.created_by = c.created_by
    cross join lateral (select c.persona_key, c.emotional_arc_key, c.training_topic_key) as keys
    cross join lateral (select c.tier, c.batch_id) as optional
    where f.status = 'active' and f.collect is not null
      and c.enrichment_status = any ($4) and c.enriched_file_path <> ''
      and c.created_at between '0001-01-02Z' and '9999-12-30Z'
      and (c.quality_score is null or c.quality_score between 0 and 5)
      and not exists (
        select from public.training_file_conversations m
        where m.training_file_id = f.id and m.conversation_id = c.conversation_id)
      and (coalesce(f.collect -> 'not_in', '[]') = '[]' or $query$
        || public.training_file_not_in_condition('f.collect', 'f.created_by') || ')'
        || public.training_file_filter_conditions('f.collect', 'c.quality_score is null')
    using '{}'::jsonb, null::uuid, p_ids, p_usable_statuses;
end
$$;

-- The training files whose rule takes some of these conversations of their owner, with those that they never had and for
-- which no addition of the rule waits yet. A conversation without a score of its own is judged when it is read.
drop function if exists public.match_training_file_collections(jsonb);
create or replace function public.match_training_file_collections(
  p_ids             jsonb,
  p_usable_statuses text[] default array['completed']
) returns jsonb language plpgsql stable set search_path = '' as $$
declare
  wanted uuid[] := array(select jsonb_array_elements_text(p_ids)::uuid);
begin
  return coalesce((
    -- What a rule has taken already and waits to be built. A person's build may fail as a whole, so it does not count.
    with queued as materialized (
      select r.training_file_id, unnest(q.conversation_ids) as conversation_id
      from public.training_file_revisions r
      join public.training_file_requested_parts q on q.revision_id = r.id
      where r.status = 'building' and r.background and (r.requested ->> 'by_rule')::boolean
    )
    select jsonb_agg(matched) from (
      select f.id as training_file_id, f.created_by, f.collect, jsonb_agg(t.conversation_id) as conversation_ids
      from public.training_file_rule_matches(wanted, p_usable_statuses) t
      join public.training_files f on f.id = t.training_file_id
      where not exists (
        select from queued q where q.training_file_id = f.id and q.conversation_id = t.conversation_id)
      group by f.id
    ) as matched), '[]'::jsonb);
end
$$;

-- The training file, and of the enriched conversations that its caller may use, that the filter takes and that are not in
-- it: at most p_limit of each persona, arc and topic, the best scored, then the oldest first, those scored below 3.5 last.
-- Of more than p_most of these, the best of each group go first, and groups whose keys are rare in the file. 100,000
-- conversations do not travel. The query is one of 15_list_conversations.sql, which says of what it is made.
drop function if exists public.suggest_training_file_conversations(uuid, uuid, boolean, integer, integer);
drop function if exists public.suggest_training_file_conversations(uuid, uuid, boolean, integer, integer, text[]);
drop function if exists public.suggest_training_file_conversations(uuid, uuid, boolean, integer, integer, text[], jsonb);
create or replace function public.suggest_training_file_conversations(
  p_training_file_id  uuid,
  p_owner             uuid,
  p_all_conversations boolean,
  p_limit             integer,
  p_most              integer default 5000,
  p_usable_statuses   text[]  default array['completed'],
  p_filter            jsonb   default '{}',
  p_any_path          boolean default true
) returns jsonb language plpgsql stable set search_path = '' as $$
declare
  file       public.training_files;
  candidates jsonb;
  whose      text := case when p_all_conversations then 'true'
    else '(c.created_by = $2 or c.created_by is null)' end;
begin
  select f.* into file from public.training_files f
  where f.id = p_training_file_id and (p_owner is null or f.created_by = p_owner);
  if file.id is null then
    return '{}';
  end if;
  execute format($query$
    with eligible as (
      select conversation_id, created_at, quality_score, persona_key as persona, emotional_arc_key as arc,
        training_topic_key as topic
      from (%s) as choices
      where %s
        and not exists (
          select from public.training_file_conversations m
          where m.training_file_id = $8 and m.conversation_id = choices.conversation_id
            and m.removed_in_revision is null)
    ), placed as (
      select e.*, row_number() over (
        partition by e.persona, e.arc, e.topic
        order by coalesce(e.quality_score < 3.5, false), e.quality_score desc nulls last, e.created_at,
          e.conversation_id) as place
      from eligible e
    ), best as (
      select p.* from placed p where p.place <= $5
      order by p.place,
        coalesce(($6 -> 'personas' ->> p.persona)::integer, 0)
          + coalesce(($6 -> 'emotional_arcs' ->> p.arc)::integer, 0)
          + coalesce(($6 -> 'training_topics' ->> p.topic)::integer, 0),
        p.conversation_id
      limit $7
    )
    select jsonb_agg(jsonb_build_object(
      'conversation_id', b.conversation_id, 'created_at', b.created_at, 'quality_score', b.quality_score,
      'persona_key', b.persona, 'emotional_arc_key', b.arc, 'training_topic_key', b.topic))
    from best b $query$, public.training_file_choices_query(whose, p_filter),
    public.training_file_usable_condition())
  into candidates
  using p_filter, file.created_by, p_usable_statuses, p_any_path, p_limit, file.scaffolding_distribution, p_most, file.id;
  return jsonb_build_object(
    'training_file', to_jsonb(file),
    'candidates', coalesce(candidates, '[]'),
    'unknown_training_file', public.unknown_training_file_of_filter(file.created_by, p_filter));
end
$$;
