-- Selections: which conversations are taken by what they are, and what a training file would be with them.

-- How many conversations of each group of the same persona, arc and topic bring p_limit of them closest to equal shares of
-- all personas, arcs and topics. p_cells are [persona, arc, topic, how many there are], the best group first; '' is no key.
-- p_counts is the distribution of the file. Again and again, the group is taken whose keys are rarest by then, which is what
-- leaves the least imbalance (domain/balance/suggestions.py says what that is); groups that lack a key come last. Far from
-- the end many conversations are taken at once, which later steps make up for; the last 128 are taken one by one,
-- or of more than 1,000 groups, some at once.
create or replace function public.training_file_shares(p_cells jsonb, p_counts jsonb, p_limit integer)
returns table (persona text, arc text, topic text, share integer) language plpgsql stable set search_path = '' as $$
declare
  no_key    constant integer := 100000000;
  sizes     constant integer[] := array(
    select (c.cell ->> 3)::integer from jsonb_array_elements(p_cells) with ordinality as c (cell, place) order by c.place);
  remaining integer := least(p_limit, (select sum(s.size) from unnest(sizes) as s (size)));
  taken     integer[] := array_fill(0, array[cardinality(sizes)]);
  counts    integer[];
  personas  integer[];
  arcs      integer[];
  topics    integer[];
  step      integer;
  picked    record;
begin
  with keys as (
    select c.place, k.aspect, k.key, dense_rank() over (order by k.aspect, k.key)::integer as number
    from jsonb_array_elements(p_cells) with ordinality as c (cell, place)
    cross join lateral (values ('personas', c.cell ->> 0), ('emotional_arcs', c.cell ->> 1),
      ('training_topics', c.cell ->> 2)) as k (aspect, key)
  )
  select array_agg(k.number order by k.place) filter (where k.aspect = 'personas'),
    array_agg(k.number order by k.place) filter (where k.aspect = 'emotional_arcs'),
    array_agg(k.number order by k.place) filter (where k.aspect = 'training_topics'),
    (select array_agg(case d.key when '' then no_key else coalesce((p_counts -> d.aspect ->> d.key)::integer, 0) end
       order by d.number) from (select distinct number, aspect, key from keys) as d)
  into personas, arcs, topics, counts from keys k;

  while remaining > 0 loop
    step := least(remaining, greatest(1, remaining / 64, cardinality(sizes) / 500));
    for picked in
      select rarest.place, least(rarest.room, step - rarest.before)::integer as number from (
        select r.place, r.room, sum(r.room) over (order by r.cost, r.taken, r.place) - r.room as before from (
          select c.place, c.taken, c.size - c.taken as room,
            counts[c.persona] + counts[c.arc] + counts[c.topic] as cost
          from unnest(personas, arcs, topics, sizes, taken) with ordinality as c (persona, arc, topic, size, taken, place)
          where c.taken < c.size
          order by 4, c.taken, c.place limit step) as r) as rarest
      where rarest.before < step
    loop
      taken[picked.place] := taken[picked.place] + picked.number;
      counts[personas[picked.place]] := counts[personas[picked.place]] + picked.number;
      counts[arcs[picked.place]] := counts[arcs[picked.place]] + picked.number;
      counts[topics[picked.place]] := counts[topics[picked.place]] + picked.number;
      remaining := remaining - picked.number;
    end loop;
  end loop;
  return query
    select c.cell ->> 0, c.cell ->> 1, c.cell ->> 2, taken[c.place]
    from jsonb_array_elements(p_cells) with ordinality as c (cell, place);
end
$$;

-- How many conversations of each persona, arc and topic a training file has, with those of p_beside that it has not.
create or replace function public.training_file_counts_with(p_training_file_id uuid, p_beside uuid[])
returns jsonb language plpgsql stable set search_path = '' as $$
declare
  counts jsonb;
begin
  execute format($query$
    with counted as (
      select aspects.aspect, keys.key, keys.value::integer as conversations
      from public.training_files f
      cross join lateral jsonb_each(f.scaffolding_distribution) as aspects (aspect, counts)
      cross join lateral jsonb_each_text(aspects.counts) as keys
      where f.id = $3
      union all
      select keys.aspect, keys.key, 1
      from (%s) as beside
      cross join lateral (values ('personas', persona_key), ('emotional_arcs', emotional_arc_key),
        ('training_topics', training_topic_key)) as keys (aspect, key)
      where keys.key is not null and not exists (
        select from public.training_file_conversations m
        where m.training_file_id = $3 and m.conversation_id = beside.conversation_id and m.removed_in_revision is null)
    ), summed as (select aspect, key, sum(conversations) as conversations from counted group by 1, 2)
    select jsonb_object_agg(aspect, counts)
    from (select aspect, jsonb_object_agg(key, conversations) as counts from summed group by 1) as of_aspects $query$,
    public.training_file_choices_query('(c.conversation_id = any ($4) or c.id = any ($4))', '{}'))
  into counts using '{}'::jsonb, null::uuid, p_training_file_id, p_beside;
  return coalesce(counts, '{}');
end
$$;

-- The conversations that a selection takes, in the order of created_at, then of the id: those that its filter takes, that
-- p_caller may use, that can be used as far as their rows tell, that are not in the training file and not among p_beside,
-- by a rule also what it had once, and what an addition by a rule waits to add.
-- With a limit the best scored, and with a balance those that bring the file and p_beside closest to equal shares.
-- p_scope is {all_conversations, by_rule, usable_statuses, any_path}. What the planner knows of so many rows is little, and
-- wherever it expects one and joins by loops, there may be 500,000: it must not.
create or replace function public.select_training_file_conversations(
  p_caller           uuid,
  p_training_file_id uuid,
  p_selection        jsonb,
  p_scope            jsonb,
  p_beside           uuid[] default '{}'
) returns uuid[] language plpgsql stable
  set search_path = '' set statement_timeout = '25s' set enable_nestloop = off as $$
declare
  merit    constant text := 'quality_score desc nulls last, created_at, conversation_id';
  aspect   constant text := p_selection ->> 'balance';
  statuses constant text[] := array(select jsonb_array_elements_text(p_scope -> 'usable_statuses'));
  counts   constant jsonb := case when aspect is not null then
    public.training_file_counts_with(p_training_file_id, p_beside) end;
  by_rule  constant boolean := coalesce((p_scope ->> 'by_rule')::boolean, false);
  whose    text := case when by_rule then 'c.created_by = $2'
    when (p_scope ->> 'all_conversations')::boolean then 'true' else '(c.created_by = $2 or c.created_by is null)' end;
  taking   text;
  selected uuid[];
begin
  case aspect
    when 'all' then taking := format($query$
      , placed as (
        select e.*, row_number() over (partition by persona, arc, topic order by %1$s) as place,
          count(*) over (partition by persona, arc, topic) as size
        from eligible e
      ), cells as (
        select jsonb_agg(jsonb_build_array(persona, arc, topic, size) order by %1$s) as cells from placed where place = 1
      ), taken as (
        select p.* from placed p
        join public.training_file_shares((select cells from cells), $8, $7) s using (persona, arc, topic)
        where p.place <= s.share
      )$query$, merit);
    when 'personas', 'emotional_arcs', 'training_topics' then taking := format($query$
      , placed as (
        select e.*, row_number() over (partition by e.%2$s order by %1$s)
          + coalesce(($8 -> %3$L ->> e.%2$s)::integer, 0) as level
        from eligible e
      ), taken as (select * from placed order by %2$s = '', level, %1$s limit $7)$query$, merit,
      case aspect when 'personas' then 'persona' when 'emotional_arcs' then 'arc' else 'topic' end, aspect);
    else taking := format(', taken as (select * from eligible order by %s limit $7)', merit);
  end case;
  execute format($query$
    with eligible as materialized (
      select conversation_id, created_at, quality_score, coalesce(persona_key, '') as persona,
        coalesce(emotional_arc_key, '') as arc, coalesce(training_topic_key, '') as topic
      from (%1$s) as choices
      where %2$s
        and not exists (
          select from public.training_file_conversations m
          where m.training_file_id = $5 and m.conversation_id = choices.conversation_id
            and (m.removed_in_revision is null or $9))
        and conversation_id not in (select unnest($6)) and id not in (select unnest($6))
        and conversation_id not in (
          select unnest(q.conversation_ids) from public.training_file_revisions r
          join public.training_file_requested_parts q on q.revision_id = r.id
          where $9 and r.training_file_id = $5 and r.status = 'building' and r.background
            and (r.requested ->> 'by_rule')::boolean)
    ) %3$s
    select array_agg(conversation_id order by created_at, conversation_id) from taken $query$,
    public.training_file_choices_query(whose, p_selection, case when by_rule then 'c.quality_score is null' else 'false' end),
    public.training_file_usable_condition(), taking)
  into selected
  using p_selection, p_caller, statuses, (p_scope ->> 'any_path')::boolean, p_training_file_id, p_beside,
    (p_selection ->> 'limit')::integer, counts, by_rule;
  return coalesce(selected, '{}');
end
$$;

-- What is said of a selection that takes so many, beside so many ids.
-- Outcomes: selected | unknown_training_file | nothing_selected, nor anything beside | too_many_selected, over 500,000.
create or replace function public.training_file_selection_outcome(
  p_caller    uuid,
  p_selection jsonb,
  p_selected  integer,
  p_beside    integer
) returns jsonb language plpgsql stable set search_path = '' as $$
declare
  unknown constant uuid := public.unknown_training_file_of_filter(p_caller, p_selection);
begin
  return jsonb_build_object(
    'outcome', case when unknown is not null then 'unknown_training_file'
      when p_selected > 500000 then 'too_many_selected'
      when p_selected = 0 and p_beside = 0 then 'nothing_selected' else 'selected' end,
    'unknown_training_file', unknown, 'conversation_count', p_selected);
end
$$;

-- How many conversations a selection takes for a training file, or for a new one of p_owner, and which they are where these
-- are at most p_most.
create or replace function public.look_up_training_file_selection(
  p_owner            uuid,
  p_training_file_id uuid,
  p_selection        jsonb,
  p_scope            jsonb,
  p_beside           jsonb,
  p_most             integer
) returns jsonb language plpgsql stable set search_path = '' set statement_timeout = '25s' as $$
declare
  caller   constant uuid := coalesce(p_owner, (
    select f.created_by from public.training_files f where f.id = p_training_file_id));
  selected constant uuid[] := public.select_training_file_conversations(
    caller, p_training_file_id, p_selection, p_scope, array(select jsonb_array_elements_text(p_beside)::uuid));
begin
  return public.training_file_selection_outcome(
      caller, p_selection, cardinality(selected), jsonb_array_length(p_beside))
    || jsonb_build_object(
      'conversation_ids', case when cardinality(selected) <= p_most then to_jsonb(selected) else '[]' end);
end
$$;

-- What a training file, or a new one of p_owner, would take of p_ids, which can be used, and by a selection, and what it
-- would be then, as far as rows tell. p_selection may be null.
create or replace function public.preview_training_file_addition(
  p_owner            uuid,
  p_training_file_id uuid,
  p_ids              jsonb,
  p_selection        jsonb,
  p_scope            jsonb,
  p_keys             integer
) returns jsonb language plpgsql stable set search_path = '' set statement_timeout = '25s' as $$
declare
  caller   constant uuid := coalesce(p_owner, (
    select f.created_by from public.training_files f where f.id = p_training_file_id));
  ids      constant uuid[] := array(select jsonb_array_elements_text(p_ids)::uuid);
  selected constant uuid[] := case when p_selection is null then '{}' else
    public.select_training_file_conversations(caller, p_training_file_id, p_selection, p_scope, ids) end;
  members  constant uuid[] := array(
    select m.conversation_id from public.training_file_conversations m
    where m.training_file_id = p_training_file_id and m.removed_in_revision is null);
  counting constant text := public.training_file_counts_query(format($query$
    select coalesce(m.persona_key, c.persona_key) as persona_key,
      coalesce(m.emotional_arc_key, c.emotional_arc_key) as emotional_arc_key,
      coalesce(m.training_topic_key, c.training_topic_key) as training_topic_key,
      c.tier, c.batch_id, c.enrichment_status, c.quality_score::numeric as score, true as is_usable
    from unnest($6) as counted (id)
    left join (%s) as c on c.conversation_id = counted.id
    left join public.training_file_conversations m
      on m.training_file_id = $4 and m.conversation_id = counted.id and m.removed_in_revision is null $query$,
    public.training_file_choices_query('true', '{}')));
  taken    jsonb;
  whole    jsonb;
begin
  execute counting into taken using '{}'::jsonb, caller, null, p_training_file_id, p_keys, ids || selected;
  execute counting into whole using '{}'::jsonb, caller, null, p_training_file_id, p_keys, members || ids || selected;
  return jsonb_build_object(
    'unknown_training_file', public.unknown_training_file_of_filter(caller, p_selection),
    'selected_count', cardinality(selected), 'taken', taken, 'after', whole);
end
$$;
