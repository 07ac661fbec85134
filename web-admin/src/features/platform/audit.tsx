// The audit trail: who, when, what, before and after, and the document behind it.
import { useState } from 'react'
import { Box, Button, Group, NativeSelect, Paper, Table, Text, TextInput } from '@mantine/core'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { useClient, useQuery } from 'urql'
import { Chip, Empty, PageHead, PagedTable, Problem, useFormat, usePages } from '@aiscra/ui'
import { graphql, type AuditTrailQuery } from '../../gql'
import { useCan } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { paperNumber } from '../../lib/paper'
import { useExport } from './made'

const query = graphql(`
  query AuditTrail($entity: String, $object: ID, $actor: String, $action: String, $from: Date, $to: Date, $after: String) {
    auditTrail(entity: $entity, entityId: $object, actor: $actor, action: $action, from: $from, to: $to, first: 50, after: $after) {
      nodes { id at actor entity entityId action before after privacy documentId }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

const accountQuery = graphql(`
  query AuditAccount($id: ID!) { account(id: $id) { id number } }
`)
const documentQuery = graphql(`
  query AuditDocument($id: ID!) { node(id: $id) { ... on Document { id number issuedOn } } }
`)

// Kinds and actions that have words; another one is shown by its code.
const kinds = [
  'account', 'building', 'point', 'party', 'contract', 'special', 'residency', 'meter', 'reading', 'payment', 'balance', 'bill', 'run',
  'run_preview', 'period', 'setting', 'price', 'norm', 'vat', 'band', 'document', 'import_batch', 'export', 'job', 'scenario',
  'user', 'role_change', 'second_signature', 'client', 'subscriber', 'operation', 'business_date', 'demo_city', 'penalty_accrual', 'moratorium',
  'dispute', 'interruption', 'write_off', 'notice', 'plan', 'campaign', 'correction', 'amendment', 'imbalance_decision', 'imbalance_reckoning',
  'house', 'paid_service', 'one_off', 'certificate', 'transfer', 'division', 'claim', 'calendar',
  'agent', 'channel', 'incident', 'link',
  'cash_desk', 'cash_shift', 'cash_operation', 'cash_count', 'cash_order', 'fiscal_receipt', 'denomination',
  'earmark', 'refund', 'suspense', 'registry', 'registry_terms', 'statement',
] as const
const actions = [
  'submit', 'decide', 'withdraw', 'record', 'recorded', 'reverse', 'open', 'opened', 'soft_close', 'close', 'start', 'started',
  'snapshot', 'shard', 'post', 'issue', 'finish', 'give_up', 'printed', 'upload', 'commit', 'undo', 'import', 'import_undo', 'created',
  'updated', 'changed', 'disabled', 'unlocked', 'session_opened', 'session_revoked', 'sign_in_refused', 'personal_data_seen',
  'proposed', 'confirmed', 'registered', 'installed', 'removed', 'verified', 'found_unfit', 'added', 'point_included', 'point_excluded', 'water_produced', 'moved_in', 'moved_out', 'final', 'taken_over', 'died', 'succeeded', 'heirs', 'owners', 'divided', 'lives_on', 'annulled', 'continued', 'back_asked', 'returned', 'signed', 'terminated',
  'erased', 'retried', 'cancelled', 'reopen', 'reopening_requested', 'reopening_declined', 'reopened', 'filed', 'discard',
  'declined', 'withdrawn', 'approved', 'rejected', 'file_attached', 'file_seen', 'password_changed', 'password_reset',
  'password_change_refused', 'recovery_code_used', 'recovery_codes_renewed', 'rotated', 'second_factor_started',
  'second_factor_on', 'second_factor_off', 'session_stolen', 'volume_agreed', 'limit_set', 'member_of_house', 'no_member_of_house', 'sharing', 'end', 'plot', 'area', 'bulk_billing', 'repeated',
  'reckoned', 'deleted', 'posted', 'reversed', 'dropped', 'in_books', 'out_of_books', 'decided', 'revived', 'issued', 'settled',
  'disconnected', 'reconnected', 'agreed', 'broken', 'done', 'ended', 'applied', 'given', 'previewed', 'stale', 'reckon', 'save', 'cut_off_set', 'calendar_day',
  'heating', 'excluded_from_house', 'included_in_house', 'charged', 'prepared', 'step_recorded', 'step_taken_back',
  'cancel', 'switched_on', 'switched_off', 'secret_renewed',
  'sale', 'refund', 'void', 'pay_in', 'pay_out', 'collection', 'handover_out', 'handover_in', 'shortage', 'surplus', 'counted', 'saved', 'heard', 'vouched', 'closed',
  'book_printed', 'register_printed',
  'reallocate', 'tied', 'untied', 'paid', 'came_back', 'sent_back', 'split', 'assigned', 'taken', 'matched', 'said', 'suspended', 'explained', 'set', 'late', 'seen', 'asked', 'second_signed',
] as const
const known = <T extends string>(list: readonly T[], code: string): code is T => (list as readonly string[]).includes(code)

const route = getRouteApi('/audit')
type Row = AuditTrailQuery['auditTrail']['nodes'][number]
type Fields = Record<string, unknown>

const fields = (value: unknown): Fields => (value && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : value == null ? {} : { '': value })
const spelled = (value: unknown): string => (value == null ? '—' : typeof value === 'string' ? value : JSON.stringify(value))

/** The fields of both sides that differ; of a thing that is new or gone, all that say something. */
export function differences(before: unknown, after: unknown): { name: string; from: string; to: string }[] {
  const [old, now] = [fields(before), fields(after)]
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .map((name) => ({ name, from: spelled(old[name]), to: spelled(now[name]) }))
    .filter((one) => one.from !== one.to)
}

export function AuditTrail() {
  const t = useT()
  const format = useFormat()
  const codes = useCodes()
  const can = useCan()
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: Partial<typeof filters>) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const [shown, setShown] = useState<string | null>(null)
  const { entity, object, actor, action, from, to } = filters
  const wanted = { entity: entity ?? null, actor: actor ?? null, action: action ?? null, from: from ?? null, to: to ?? null }
  const pages = usePages(query, { ...wanted, object: object ?? null }, (data) => data.auditTrail)
  const exporting = useExport({ audit: wanted })
  const kind = (code: string) => (known(kinds, code) ? t(`audit.entity.${code}`) : code)
  const done = (code: string) => (known(actions, code) ? t(`audit.action.${code}`) : code)
  const sorted = (all: readonly string[], word: (code: string) => string) =>
    all.map((value) => ({ value, label: word(value) })).toSorted((a, b) => a.label.localeCompare(b.label, format.language))
  const choice = (code: string | undefined, all: readonly string[], word: (code: string) => string) =>
    [{ value: '', label: t('common.all') }, ...sorted(code && !all.includes(code) ? [...all, code] : all, word)]
  return (
    <>
      <PageHead title={t('nav.audit')} lead={t('audit.lead')} />
      <Paper withBorder>
        <Group p="md" gap="sm" align="flex-end">
          <NativeSelect
            label={t('audit.entity')} value={entity ?? ''} data={choice(entity, kinds, kind)}
            onChange={(event) => set({ entity: event.currentTarget.value || undefined, object: undefined })}
          />
          <TextInput
            key={actor ?? ''} label={t('audit.who')} defaultValue={actor ?? ''} placeholder={t('audit.actorHint')} flex="1 1 150px"
            onBlur={(event) => { if (event.currentTarget.value.trim() !== (actor ?? '')) set({ actor: event.currentTarget.value.trim() || undefined }) }}
            onKeyDown={(event) => { if (event.key === 'Enter') event.currentTarget.blur() }}
          />
          <NativeSelect
            label={t('audit.action')} value={action ?? ''} data={choice(action, actions, done)}
            onChange={(event) => set({ action: event.currentTarget.value || undefined })}
          />
          <TextInput type="date" label={t('audit.from')} value={from ?? ''} onChange={(event) => set({ from: event.currentTarget.value || undefined })} />
          <TextInput type="date" label={t('audit.to')} value={to ?? ''} onChange={(event) => set({ to: event.currentTarget.value || undefined })} />
          {object && <Button variant="light" onClick={() => set({ object: undefined })}>{t('audit.all')}</Button>}
        </Group>
        <PagedTable
          caption={t('nav.audit')} remember="audit" exporting={can('JOB_READ') && !object ? exporting : undefined} pages={pages} lines={10} rowKey={(row) => row.id}
          empty={<Empty title={t('audit.none')}>{t('audit.noneText')}</Empty>}
          columns={[
            { key: 'at', head: t('audit.when'), fixed: true, cell: (row) => <span className="tab" style={{ whiteSpace: 'nowrap' }}>{format.dateTime(row.at)}</span> },
            { key: 'who', head: t('audit.who'), cell: (row) => <div>{codes.actor(row.actor)}{codes.actor(row.actor) !== row.actor && <Text size="xs" c="dimmed">{row.actor}</Text>}</div> },
            { key: 'what', head: t('audit.entity'), cell: (row) => <What row={row} kind={kind(row.entity)} only={() => set({ entity: row.entity, object: row.entityId ?? undefined })} /> },
            { key: 'action', head: t('audit.action'), cell: (row) => done(row.action) },
            {
              key: 'changed', head: t('audit.changed'),
              cell: (row) => {
                const changed = differences(row.before, row.after)
                return (
                  <Box maw={440}>
                    {row.privacy !== 'PLAIN' && <Chip tone="plain">{t(`audit.privacy.${row.privacy}`)}</Chip>}
                    {changed.length > 0 && (
                      <Button size="compact-xs" variant="subtle" px={0} aria-expanded={shown === row.id} onClick={() => setShown(shown === row.id ? null : row.id)}>
                        {shown === row.id ? t('billing.hide') : changed.slice(0, 3).map((one) => one.name).join(', ') || t('audit.show')}{shown !== row.id && changed.length > 3 && ` +${changed.length - 3}`}
                      </Button>
                    )}
                    {shown === row.id && <Sides row={row} />}
                  </Box>
                )
              },
            },
            { key: 'basis', head: t('audit.basis'), cell: (row) => row.documentId ? <Basis id={row.documentId} /> : '—' },
          ]}
        />
      </Paper>
    </>
  )
}

/** The thing: its kind, and ways to it and to all that happened to it. */
function What({ row, kind, only }: { row: Row; kind: string; only: () => void }) {
  const t = useT()
  const client = useClient()
  const go = useNavigate()
  const [error, setError] = useState<Parameters<typeof Problem>[0]['error'] | null>(null)
  const id = row.entityId
  const opens = id && ['account', 'bill', 'import_batch', 'document'].includes(row.entity)
  const open = async () => {
    if (row.entity === 'bill') return go({ to: '/bills/$id', params: { id: id! } })
    if (row.entity === 'import_batch') return go({ to: '/imports/$id', params: { id: id! } })
    if (row.entity === 'document') return go({ to: '/documents' })
    const answer = await client.query(accountQuery, { id: id! }).toPromise()
    if (answer.data?.account) return go({ to: '/accounts/$number', params: { number: answer.data.account.number } })
    if (answer.error) setError(answer.error)
  }
  return (
    <>
      {kind}
      {id && (
        <Group gap={8}>
          {opens && <Button size="compact-xs" variant="subtle" px={0} onClick={() => void open()}>{t('audit.open')}</Button>}
          <Button size="compact-xs" variant="subtle" px={0} onClick={only}>{t('audit.only')}</Button>
        </Group>
      )}
      {error && <Problem error={error} />}
    </>
  )
}

function Basis({ id }: { id: string }) {
  const t = useT()
  const format = useFormat()
  const [result] = useQuery({ query: documentQuery, variables: { id } })
  const found = result.data?.node
  if (!found || !('number' in found)) return <>—</>
  return <Link className="row-link" to="/documents" search={{ search: found.number }}>{t('audit.document', { number: paperNumber(found.number), date: format.shortDate(found.issuedOn) })}</Link>
}

function Sides({ row }: { row: Row }) {
  const t = useT()
  const cell = { wordBreak: 'break-word', minWidth: 110 } as const
  return (
    <Table fz="sm" verticalSpacing={4} aria-label={t('audit.changed')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col" fz="xs" c="dimmed">{t('audit.field')}</Table.Th>
          <Table.Th scope="col" fz="xs" c="dimmed">{t('audit.before')}</Table.Th>
          <Table.Th scope="col" fz="xs" c="dimmed">{t('audit.after')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {differences(row.before, row.after).map((one) => (
          <Table.Tr key={one.name}>
            <Table.Th scope="row" fw={400}>{one.name}</Table.Th>
            <Table.Td style={cell}>{one.from}</Table.Td>
            <Table.Td style={cell} fw={600}>{one.to}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
