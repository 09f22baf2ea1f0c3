-- Choosing by what a conversation is: the conversations that a filter takes, listed by pages, and counted.
-- Each function is one transaction, and safe to call again with the same arguments.

-- The text of the conditions of a filter on a row that is called c, with its keys in `keys` and its tier and batch in
-- `optional`. p_filter is an expression for the filter; p_without_score says what of limits of scores holds for a row that
-- has none: lists leave it out, a collection rule judges it when it is read.
create or replace function public.training_file_filter_conditions(p_filter text, p_without_score text)
returns text language sql immutable set search_path = '' as $body$
  select format($conditions$
      and (coalesce(%1$s -> 'personas', '[]') = '[]' or %1$s -> 'personas' ? keys.persona_key)
      and (coalesce(%1$s -> 'emotional_arcs', '[]') = '[]' or %1$s -> 'emotional_arcs' ? keys.emotional_arc_key)
      and (coalesce(%1$s -> 'training_topics', '[]') = '[]' or %1$s -> 'training_topics' ? keys.training_topic_key)
      and (coalesce(%1$s -> 'tiers', '[]') = '[]' or %1$s -> 'tiers' ? optional.tier)
      and (coalesce(%1$s -> 'batch_ids', '[]') = '[]' or %1$s -> 'batch_ids' ? optional.batch_id)
      and (%1$s ->> 'min_quality_score' is null or %2$s or c.quality_score >= (%1$s ->> 'min_quality_score')::numeric)
      and (%1$s ->> 'max_quality_score' is null or %2$s or c.quality_score <= (%1$s ->> 'max_quality_score')::numeric)
      and (%1$s ->> 'created_after' is null or c.created_at >= (select (%1$s ->> 'created_after')::timestamptz))
      and (%1$s ->> 'created_before' is null or c.created_at < (select (%1$s ->> 'created_before')::timestamptz))$conditions$, p_filter, p_without_score)
$body$;

-- The text of the condition that the conversation c is in none of the training files of a filter's not_in that are there
-- and p_owner's, an expression; null for someone who is trusted with the training files of every user.
create or replace function public.training_file_not_in_condition(p_filter text, p_owner text)
returns text language sql immutable set search_path = '' as $body$
  select format(
    'not exists (
      select from public.training_file_conversations other
      join public.training_files named on named.id = other.training_file_id
      where other.conversation_id = c.conversation_id and other.removed_in_revision is null
        and (%2$s is null or named.created_by = %2$s)
        and named.id in (select jsonb_array_elements_text(%1$s -> ''not_in'')::uuid))', p_filter, p_owner)
$body$;

-- The text of a query for the conversations that a filter takes, which the functions below execute: a function that
-- gave rows instead would give all 100,000 of them for a page of 50. Nothing that anybody wrote is in the text; what is
-- asked for comes as parameters, which the planner knows when it plans:
-- $1 the filter, $2 the caller, or null for someone who is trusted with the training files of every user.
-- p_whose is a condition on c.created_by.
--
-- An empty list, and a limit that is null, match everything. The limits of scores match only conversations whose row has
-- a score. From created_after on, and before created_before. Rows without a created_at have no place in any order, and
-- cannot be used: they are left out.
drop function if exists public.training_file_choices_query(text, jsonb);
create or replace function public.training_file_choices_query(
  p_whose text, p_filter jsonb, p_without_score text default 'false')
returns text language sql immutable set search_path = '' as $body$
  select format($query$
    select c.id, c.conversation_id, c.enrichment_status::text as enrichment_status, c.enriched_file_path,
      c.quality_score, c.created_at, c.created_by, optional.tier, optional.batch_id,
      keys.persona_key, keys.emotional_arc_key, keys.training_topic_key
    -- Some projects have no column tier or batch_id. Inside the inner sub-select the name means the table's column where
    -- there is one, and otherwise the constant beside the table.
    from (select null::text as tier, null::text as batch_id) as absent_columns
    cross join public.conversations c
    cross join lateral (
      select nullif(tier::text, '') as tier, nullif(batch_id::text, '') as batch_id
      from (select c.*) as columns) as optional
    cross join lateral (
      select case jsonb_typeof(c.scaffolding_snapshot)
        when 'string' then public.training_file_snapshot(c.scaffolding_snapshot)
        else c.scaffolding_snapshot end as value) as snapshot
    cross join lateral (
      select nullif(coalesce(nullif(c.persona_key, ''), snapshot.value #>> '{persona,persona_key}'), '')
          as persona_key,
        nullif(coalesce(nullif(c.emotional_arc_key, ''), snapshot.value #>> '{emotional_arc,arc_key}'), '')
          as emotional_arc_key,
        nullif(coalesce(nullif(c.topic_key, ''), snapshot.value #>> '{training_topic,topic_key}'), '')
          as training_topic_key) as keys
    where c.created_at is not null and %1$s
      %2$s %3$s $query$,
    p_whose, public.training_file_filter_conditions('$1', p_without_score),
    -- Only where it is asked for: behind an `or`, it would be looked up for each row.
    case when coalesce(p_filter -> 'not_in', '[]') <> '[]' then
      'and ' || public.training_file_not_in_condition('$1', '$2') end)
$body$;

-- The text of a condition: whether a row of that query can be used, as far as it tells, in the words of
-- domain/conversation/usable.py. $3 the usable statuses, $4 whether enriched files may lie anywhere.
create or replace function public.training_file_usable_condition()
returns text language sql immutable set search_path = '' as $body$
  select $condition$(
    coalesce(enrichment_status = any ($3), false) and coalesce(enriched_file_path, '') <> ''
      and ($4 or strpos('/' || lower(enriched_file_path), '/' || conversation_id::text || '/') > 0
        or coalesce(starts_with(lower(enriched_file_path), created_by::text || '/'), false))
      and (quality_score is null or quality_score between 0 and 5)
      and created_at between '0001-01-02Z' and '9999-12-30Z')$condition$
$body$;

-- The first training file of a filter's not_in that the caller does not have; null where all are there.
create or replace function public.unknown_training_file_of_filter(p_owner uuid, p_filter jsonb)
returns uuid language sql stable set search_path = '' as $$
  select named.id
  from (select jsonb_array_elements_text(coalesce(p_filter -> 'not_in', '[]'))::uuid as id) as named
  where not exists (
    select from public.training_files f
    where f.id = named.id and (p_owner is null or f.created_by = p_owner))
  limit 1
$$;

-- One page of the conversations that the caller may use and that the filter takes: `newest` or `oldest` first, or by
-- `score`, the best first, then the oldest, those without a score last. p_after is the place of the last one of the page
-- before, in the words in which this function gave it: the time for a page does not depend on its number, given the
-- indexes of optional/conversations_indexes.sql. SQLSTATE TF002 for a place that is none.
create or replace function public.list_conversations_for_training_files(
  p_owner             uuid,
  p_all_conversations boolean,
  p_filter            jsonb,
  p_sort              text,
  p_limit             integer,
  p_after             jsonb default null
) returns jsonb language plpgsql stable set search_path = '' as $$
declare
  after_moment timestamptz;
  after_score  numeric;
  after_id     uuid;
  sorted       text;
  behind       text := 'true';
  parts        text[] := '{}';
  whose        text;
  found        jsonb;
begin
  begin
    after_moment := (p_after ->> 'created_at')::timestamptz;
    after_score := (p_after ->> 'score_order')::numeric;
    after_id := (p_after ->> 'conversation_id')::uuid;
  exception when data_exception then
    raise exception 'this is no place in a list of conversations' using errcode = 'TF002';
  end;
  case p_sort
    when 'newest' then sorted := 'created_at desc, conversation_id desc';
    when 'oldest' then sorted := 'created_at, conversation_id';
    when 'score' then sorted := 'coalesce(-quality_score::numeric, ''Infinity''::numeric), created_at, conversation_id';
  end case;
  if p_after is not null then
    case p_sort
      when 'newest' then behind := '(created_at, conversation_id) < ($3, $4)';
      when 'oldest' then behind := '(created_at, conversation_id) > ($3, $4)';
      when 'score' then behind :=
        '(coalesce(-quality_score::numeric, ''Infinity''::numeric), created_at, conversation_id) > ($5, $3, $4)';
    end case;
  end if;
  -- An index is in order for one created_by at a time, so own ones and those of nobody are two queries, and merged.
  foreach whose in array case when p_owner is null or p_all_conversations then array['true']
    else array['c.created_by = $2', 'c.created_by is null'] end
  loop
    parts := parts || format('(select * from (%s) as choices where %s order by %s limit %s)',
      public.training_file_choices_query(whose, p_filter), behind, sorted, p_limit);
  end loop;
  execute format($query$
    select jsonb_agg(to_jsonb(page) || jsonb_build_object(
      'place', jsonb_build_object('created_at', page.created_at,
        'score_order', coalesce(-page.quality_score::numeric, 'Infinity'::numeric)::text,
        'conversation_id', page.conversation_id),
      'training_file_count', (
        select count(*) from public.training_file_conversations m
        join public.training_files f on f.id = m.training_file_id
        where m.conversation_id = page.conversation_id and m.removed_in_revision is null
          and ($2 is null or f.created_by = $2))) order by %1$s)
    from (select * from (%2$s) as merged order by %1$s limit %3$s) as page $query$,
    sorted, array_to_string(parts, ' union all '), p_limit)
  into found using p_filter, p_owner, after_moment, after_id, after_score;
  return jsonb_build_object(
    'unknown_training_file', public.unknown_training_file_of_filter(p_owner, p_filter),
    'conversations', coalesce(found, '[]'));
end
$$;

-- The text of a query that counts the rows of p_chosen, as summarize_conversations_for_training_files says. $5 is how many
-- keys are named.
create or replace function public.training_file_counts_query(p_chosen text)
returns text language sql immutable set search_path = '' as $body$
  select format($query$
    with chosen as materialized (%s
    ), counted as (
      select case
          when grouping(persona_key) = 0 then 'personas'
          when grouping(emotional_arc_key) = 0 then 'emotional_arcs'
          when grouping(training_topic_key) = 0 then 'training_topics'
          when grouping(tier) = 0 then 'tiers'
          when grouping(batch_id) = 0 then 'batch_ids'
          else 'enrichment_statuses' end as aspect,
        coalesce(persona_key, emotional_arc_key, training_topic_key, tier, batch_id, enrichment_status) as key,
        count(*) as conversations
      from chosen
      group by grouping sets ((persona_key), (emotional_arc_key), (training_topic_key), (tier), (batch_id),
        (enrichment_status))
    ), ranked as (
      select *, row_number() over (partition by aspect, key is null order by conversations desc, key) as place
      from counted
    ), aspects as (
      select aspect, jsonb_build_object(
        'counts', coalesce(jsonb_object_agg(key, conversations)
          filter (where key is not null and place <= $5 and length(key) <= 255), '{}'),
        'without_key', coalesce(sum(conversations) filter (where key is null), 0),
        'further_keys', count(*) filter (where place > $5 or length(key) > 255)) as counts
      from ranked group by aspect
    ), steps as (
      select least(width_bucket(score, 0, 5, 10), 10) as step, count(*) as conversations
      from chosen where score between 0 and 5 group by 1
    )
    select coalesce((select jsonb_object_agg(aspect, counts) from aspects), '{}') || jsonb_build_object(
      'conversation_count', count(*),
      'usable_count', count(*) filter (where is_usable),
      'scores', jsonb_build_object(
        'without_score', count(*) filter (where score is null),
        'off_scale', count(*) filter (where not score between 0 and 5),
        'avg_quality_score', round(avg(score) filter (where score between 0 and 5), 2),
        'min_quality_score', min(score) filter (where score between 0 and 5),
        'max_quality_score', max(score) filter (where score between 0 and 5),
        'steps', coalesce((select jsonb_object_agg(step, conversations) from steps), '{}')))
    from chosen $query$, p_chosen)
$body$;

-- What there is to choose from: how many conversations the caller may see and the filter takes, how many of them can be
-- used, how many have each persona, arc, topic, tier, batch and status, and how their scores lie. Of each the p_keys
-- most frequent keys, and how many more there are: those longer than a filter takes are never named. Scores are those of
-- rows, from 0 to 5 in ten steps; the last one includes 5.
create or replace function public.summarize_conversations_for_training_files(
  p_owner             uuid,
  p_all_conversations boolean,
  p_filter            jsonb,
  p_usable_statuses   text[],
  p_any_path          boolean,
  p_keys              integer
) returns jsonb language plpgsql stable set search_path = '' as $$
declare
  summary jsonb;
  whose   text := case when p_owner is null or p_all_conversations then 'true'
    else '(c.created_by = $2 or c.created_by is null)' end;
begin
  execute public.training_file_counts_query(format($query$
      select persona_key, emotional_arc_key, training_topic_key, tier, batch_id, enrichment_status,
        quality_score::numeric as score, %s as is_usable
      from (%s) as choices $query$,
    public.training_file_usable_condition(), public.training_file_choices_query(whose, p_filter)))
  into summary using p_filter, p_owner, p_usable_statuses, p_any_path, p_keys;
  return summary || jsonb_build_object(
    'unknown_training_file', public.unknown_training_file_of_filter(p_owner, p_filter));
end
$$;
