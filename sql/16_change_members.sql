-- Changing what is in a training file: where the conversations of a revision lie in its objects, and what the others add up
-- to. Each function is one transaction, and safe to call again with the same arguments.

-- The conversations of a revision that ids name, by their conversation_id, or else by the id of their row, with what
-- stands before them in both objects; and the totals of all others, with the position at which each key of the
-- distribution is first. The bytes are null where the size of any conversation is not known yet.
create or replace function public.look_up_training_file_members(
  p_training_file_id uuid,
  p_revision         integer,
  p_ids              jsonb
) returns jsonb language plpgsql stable set search_path = '' set statement_timeout = '25s' as $$
declare
  wanted constant uuid[] := array(select jsonb_array_elements_text(p_ids)::uuid);
begin
  return (
    with members as materialized (
      select m.conversation_id, m.position, m.training_pairs, m.trainable_pairs, m.reviewed_pairs, m.score_sum,
        m.score_count, m.min_quality_score, m.max_quality_score, m.persona_key, m.emotional_arc_key,
        m.training_topic_key, m.enriched_sha256, m.json_size, m.jsonl_size,
        row_number() over before as place,
        sum(m.json_size) over before as json_end, sum(m.jsonl_size) over before as jsonl_end
      from public.training_file_conversations m
      where m.training_file_id = p_training_file_id and m.added_in_revision <= p_revision
        and (m.removed_in_revision is null or m.removed_in_revision > p_revision)
      window before as (order by m.position rows unbounded preceding)
    ), direct as (
      select m.conversation_id as asked_as, m.conversation_id from members m where m.conversation_id = any (wanted)
    ), asked as (
      select d.asked_as, d.conversation_id from direct d
      union all
      select c.id, m.conversation_id from public.conversations c join members m on m.conversation_id = c.conversation_id
      where c.id = any (wanted) and not exists (select from direct d where d.asked_as = c.id)
    ), named as materialized (
      select m.*, a.asked_as from members m join (
        select asked.conversation_id, jsonb_agg(asked.asked_as) as asked_as from asked group by asked.conversation_id
      ) as a using (conversation_id)
    ), others as materialized (
      select m.* from members m where not exists (select from named n where n.position = m.position)
    ), counted as (
      select kind, key, count(*) as times, min(position) as first from (
        select 'personas' as kind, o.persona_key as key, o.position from others o
        union all select 'emotional_arcs', o.emotional_arc_key, o.position from others o
        union all select 'training_topics', o.training_topic_key, o.position from others o
      ) as keys where key <> '' group by kind, key
    )
    select jsonb_build_object(
      'count', (select count(*) from members),
      'json_bytes', (select case when count(m.json_size) = count(*) then sum(m.json_size) end from members m),
      'jsonl_bytes', (select case when count(m.jsonl_size) = count(*) then sum(m.jsonl_size) end from members m),
      'named', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'asked_as', n.asked_as, 'conversation_id', n.conversation_id, 'position', n.position, 'index', n.place - 1,
          'enriched_sha256', n.enriched_sha256, 'json_size', n.json_size, 'json_before', n.json_end - n.json_size,
          'jsonl_size', n.jsonl_size, 'jsonl_before', n.jsonl_end - n.jsonl_size) order by n.position), '[]')
        from named n),
      'others', (
        select jsonb_build_object(
          'conversation_count', count(*),
          'total_training_pairs', coalesce(sum(o.training_pairs), 0),
          'trainable_pairs', coalesce(sum(o.trainable_pairs), 0),
          'human_reviewed_count', coalesce(sum(o.reviewed_pairs), 0),
          'score_sum', coalesce(sum(o.score_sum), 0)::text,
          'score_count', coalesce(sum(o.score_count), 0),
          'min_quality_score', min(o.min_quality_score)::text,
          'max_quality_score', max(o.max_quality_score)::text,
          'distribution', (
            select jsonb_object_agg(kinds.kind, coalesce((
              select jsonb_agg(jsonb_build_array(c.key, c.times, c.first) order by c.first)
              from counted c where c.kind = kinds.kind), '[]'))
            from unnest(array['personas', 'emotional_arcs', 'training_topics']) as kinds (kind)))
        from others o)));
end
$$;

-- Notes the sizes of conversations of a revision: [[position, json_size, jsonl_size], …].
create or replace function public.note_training_file_sizes(
  p_training_file_id uuid,
  p_revision         integer,
  p_sizes            jsonb
) returns void language sql set search_path = '' as $$
  update public.training_file_conversations m
  set json_size = (noted.size ->> 1)::bigint, jsonl_size = (noted.size ->> 2)::bigint
  from jsonb_array_elements(p_sizes) as noted (size)
  where m.training_file_id = p_training_file_id and m.position = (noted.size ->> 0)::integer
    and m.added_in_revision <= p_revision
    and (m.removed_in_revision is null or m.removed_in_revision > p_revision);
$$;

-- What another revision has that one has not: conversations that are added, removed, replaced by what another enriched
-- file says, or the same at another place. The number of each kind, and the first p_limit of all behind a position, in
-- file order: no two of them have the same one. Before the first revision there was nothing, which is revision 0.
drop function if exists public.compare_training_file_revisions(uuid, integer, integer, integer);
create or replace function public.compare_training_file_revisions(
  p_training_file_id uuid,
  p_from             integer,
  p_to               integer,
  p_limit            integer,
  p_after_position   integer default 0
) returns jsonb language sql stable set search_path = '' set statement_timeout = '25s' as $$
  with members as (
    select m.* from public.training_file_conversations m where m.training_file_id = p_training_file_id
  ), before as (
    select m.* from members m
    where m.added_in_revision <= p_from and (m.removed_in_revision is null or m.removed_in_revision > p_from)
  ), after as (
    select m.* from members m
    where m.added_in_revision <= p_to and (m.removed_in_revision is null or m.removed_in_revision > p_to)
  ), changed as materialized (
    select conversation_id, coalesce(a.position, b.position) as position,
      case when b.position is null then 'added' when a.position is null then 'removed'
        when a.enriched_sha256 <> b.enriched_sha256 then 'replaced' else 'moved' end as kind
    from before b full join after a using (conversation_id)
    where b.position is null or a.position is null or a.enriched_sha256 <> b.enriched_sha256 or a.position <> b.position
  )
  select jsonb_build_object(
    'added', count(*) filter (where c.kind = 'added'),
    'removed', count(*) filter (where c.kind = 'removed'),
    'replaced', count(*) filter (where c.kind = 'replaced'),
    'moved', count(*) filter (where c.kind = 'moved'),
    'changes', coalesce((
      select jsonb_agg(to_jsonb(page) order by page.position) from (
        select l.* from changed l where l.position > p_after_position order by l.position limit p_limit
      ) as page), '[]'))
  from changed c;
$$;

-- The new members of a revision, in rows of figures: those that were staged for it, and p_conversations. Whoever was ended
-- by the revision leaves its position to the same conversation; all others stand behind what there ever was.
create or replace function public.put_training_file_members(
  p_attempt       public.training_file_revisions,
  p_number        integer,
  p_behind        integer,
  p_conversations jsonb
) returns void language sql set search_path = '' as $$
  insert into public.training_file_conversations (
    training_file_id, conversation_id, position, added_by, added_in_revision,
    training_pairs, trainable_pairs, score_sum, score_count, min_quality_score, max_quality_score,
    reviewed_pairs, persona_key, emotional_arc_key, training_topic_key, enriched_sha256, analysis, json_size, jsonl_size)
  select p_attempt.training_file_id, c.conversation_id, coalesce(former.position, p_behind + c.position),
    p_attempt.created_by, p_number,
    c.training_pairs, c.trainable_pairs, c.score_sum, c.score_count, c.min_quality_score,
    c.max_quality_score, c.reviewed_pairs, c.persona_key, c.emotional_arc_key, c.training_topic_key,
    c.enriched_sha256, c.analysis, c.json_size, coalesce(c.jsonl_size, (c.analysis ->> 'jsonl_size')::bigint)
  from (
    select s.figures from public.training_file_staged_conversations s where s.revision_id = p_attempt.id
    union all
    select jsonb_array_elements(p_conversations)
  ) as rows
  cross join lateral jsonb_to_record(rows.figures) as c (
    conversation_id uuid, position integer, training_pairs integer, trainable_pairs integer,
    score_sum numeric, score_count integer, min_quality_score numeric, max_quality_score numeric,
    reviewed_pairs integer, persona_key text, emotional_arc_key text, training_topic_key text,
    enriched_sha256 text, analysis jsonb, json_size bigint, jsonl_size bigint)
  left join public.training_file_conversations former
    on former.training_file_id = p_attempt.training_file_id and former.conversation_id = c.conversation_id
    and former.removed_in_revision = p_number;
$$;

-- The same of tries of shards, whose rows only have to be copied.
create or replace function public.put_sharded_training_file_members(
  p_attempt public.training_file_revisions,
  p_number  integer,
  p_behind  integer,
  p_tries   uuid[]
) returns void language plpgsql set search_path = '' set enable_nestloop = off as $$
begin
  insert into public.training_file_conversations (
    training_file_id, conversation_id, position, added_by, added_in_revision,
    training_pairs, trainable_pairs, score_sum, score_count, min_quality_score, max_quality_score,
    reviewed_pairs, persona_key, emotional_arc_key, training_topic_key, enriched_sha256, analysis, json_size, jsonl_size)
  select p_attempt.training_file_id, c.conversation_id, coalesce(former.position, p_behind + c.position),
    p_attempt.created_by, p_number,
    c.training_pairs, c.trainable_pairs, c.score_sum, c.score_count, c.min_quality_score,
    c.max_quality_score, c.reviewed_pairs, c.persona_key, c.emotional_arc_key, c.training_topic_key,
    c.enriched_sha256, c.analysis, c.json_size, c.jsonl_size
  from public.training_file_sharded_conversations c
  left join public.training_file_conversations former
    on former.training_file_id = p_attempt.training_file_id and former.conversation_id = c.conversation_id
    and former.removed_in_revision = p_number
  where c.try_id = any (p_tries);
end
$$;
