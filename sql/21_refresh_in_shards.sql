-- Refreshes beyond one worker: which conversations they are about, and what a revision consists of and adds up to with the
-- rows of tries in the place of its own. Each function is one transaction, and safe to call again with the same arguments.

-- The conversations of a revision whose enriched file was written since they were added, or just before, in file order: all
-- of those of which training_file_revision_surroundings (14_report.sql) tells the first.
create or replace function public.changed_training_file_conversations(p_training_file_id uuid, p_revision integer)
returns uuid[] language plpgsql stable set search_path = '' set enable_nestloop = off as $$
begin
  return array(
    select m.conversation_id
    from public.training_file_conversations m
    join public.conversations c on c.conversation_id = m.conversation_id
    join storage.objects o on o.bucket_id = 'conversation-files' and o.name = c.enriched_file_path
    where m.training_file_id = p_training_file_id and m.added_in_revision <= p_revision
      and (m.removed_in_revision is null or m.removed_in_revision > p_revision)
      and coalesce(o.updated_at, o.created_at) > m.added_at - interval '15 minutes'
    order by m.position);
end
$$;

-- The stretches that a revision consists of with the rows of these tries in the place of its own: those of the p_limit
-- conversations behind the first p_after, in file order. A stretch is [number of the try from 1 on, or 0 for the objects
-- of the revision; the index of its first conversation there, from 0 on; how many they are; the bytes before them in the
-- JSON, without separators; their own; the same two of the JSONL]. All sizes must be known.
create or replace function public.list_training_file_stretches(
  p_training_file_id uuid,
  p_revision         integer,
  p_try_ids          jsonb,
  p_after            integer,
  p_limit            integer
) returns jsonb language plpgsql stable
  set search_path = '' set statement_timeout = '60s' set enable_nestloop = off as $$
begin
  return (
    with made as (
      select t.number, c.conversation_id, c.json_size, c.jsonl_size, row_number() over before as place,
        sum(c.json_size) over before as json_end, sum(c.jsonl_size) over before as jsonl_end
      from jsonb_array_elements_text(p_try_ids) with ordinality as t (id, number)
      join public.training_file_sharded_conversations c on c.try_id = t.id::uuid
      window before as (partition by t.number order by c.position rows unbounded preceding)
    ), members as (
      select m.conversation_id, m.json_size, m.jsonl_size, row_number() over before as place,
        sum(m.json_size) over before as json_end, sum(m.jsonl_size) over before as jsonl_end
      from public.training_file_conversations m
      where m.training_file_id = p_training_file_id and m.added_in_revision <= p_revision
        and (m.removed_in_revision is null or m.removed_in_revision > p_revision)
      window before as (order by m.position rows unbounded preceding)
    ), placed as (
      select m.place, coalesce(d.number, 0) as number, coalesce(d.place, m.place) as own_place,
        case when d.number is null then m.json_size else d.json_size end as json_size,
        case when d.number is null then m.json_end else d.json_end end as json_end,
        case when d.number is null then m.jsonl_size else d.jsonl_size end as jsonl_size,
        case when d.number is null then m.jsonl_end else d.jsonl_end end as jsonl_end
      from members m left join made d using (conversation_id)
      where m.place > p_after and m.place <= p_after + p_limit
    ), begun as (
      select p.*, (p.number, p.own_place - 1) is distinct from (
        lag(p.number) over (order by p.place), lag(p.own_place) over (order by p.place)) as begins
      from placed p
    ), numbered as (
      select b.*, count(*) filter (where b.begins) over (order by b.place) as stretch from begun b
    ), stretches as (
      select n.stretch, jsonb_build_array(
        min(n.number), min(n.own_place) - 1, count(*), min(n.json_end - n.json_size), sum(n.json_size),
        min(n.jsonl_end - n.jsonl_size), sum(n.jsonl_size)) as told
      from numbered n group by n.stretch
    )
    select coalesce(jsonb_agg(s.told order by s.stretch), '[]') from stretches s);
end
$$;

-- How many conversations a revision has, with the bytes of all in both objects, null where the size of any is not known;
-- and the totals of all with the rows of these tries in the place of their own, a distribution as [[key, count], …] in the
-- order in which the keys first appear.
create or replace function public.add_up_refreshed_training_file(
  p_training_file_id uuid,
  p_revision         integer,
  p_try_ids          jsonb
) returns jsonb language plpgsql stable
  set search_path = '' set statement_timeout = '60s' set enable_nestloop = off as $$
begin
  return (
    with made as (
      select c.* from public.training_file_sharded_conversations c
      where c.try_id in (select t.id::uuid from jsonb_array_elements_text(p_try_ids) as t (id))
    ), members as materialized (
      select m.* from public.training_file_conversations m
      where m.training_file_id = p_training_file_id and m.added_in_revision <= p_revision
        and (m.removed_in_revision is null or m.removed_in_revision > p_revision)
    ), refreshed as materialized (
      select m.position, m.training_pairs, m.trainable_pairs, m.reviewed_pairs, m.score_sum, m.score_count,
        m.min_quality_score, m.max_quality_score, m.persona_key, m.emotional_arc_key, m.training_topic_key
      from members m where not exists (select from made d where d.conversation_id = m.conversation_id)
      union all
      select m.position, d.training_pairs, d.trainable_pairs, d.reviewed_pairs, d.score_sum, d.score_count,
        d.min_quality_score, d.max_quality_score, d.persona_key, d.emotional_arc_key, d.training_topic_key
      from members m join made d using (conversation_id)
    ), counted as (
      select kind, key, count(*) as times, min(position) as first from (
        select 'personas' as kind, r.persona_key as key, r.position from refreshed r
        union all select 'emotional_arcs', r.emotional_arc_key, r.position from refreshed r
        union all select 'training_topics', r.training_topic_key, r.position from refreshed r
      ) as keys where key <> '' group by kind, key
    )
    select jsonb_build_object(
      'count', (select count(*) from members),
      'json_bytes', (select case when count(m.json_size) = count(*) then sum(m.json_size) end from members m),
      'jsonl_bytes', (select case when count(m.jsonl_size) = count(*) then sum(m.jsonl_size) end from members m),
      'totals', (
        select jsonb_build_object(
          'conversation_count', count(*),
          'total_training_pairs', coalesce(sum(r.training_pairs), 0),
          'trainable_pairs', coalesce(sum(r.trainable_pairs), 0),
          'human_reviewed_count', coalesce(sum(r.reviewed_pairs), 0),
          'score_sum', coalesce(sum(r.score_sum), 0)::text,
          'score_count', coalesce(sum(r.score_count), 0),
          'min_quality_score', min(r.min_quality_score)::text,
          'max_quality_score', max(r.max_quality_score)::text,
          'distribution', (
            select jsonb_object_agg(kinds.kind, coalesce((
              select jsonb_agg(jsonb_build_array(c.key, c.times) order by c.first)
              from counted c where c.kind = kinds.kind), '[]'))
            from unnest(array['personas', 'emotional_arcs', 'training_topics']) as kinds (kind)))
        from refreshed r)));
end
$$;
