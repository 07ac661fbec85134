// Days of channels: what our journal, the agents and the bank say of each, and where they differ.
import { useState, type FormEvent } from 'react'
import { Alert, Button, FileInput, Group, NativeSelect, Paper, Stack, Text, TextInput } from '@mantine/core'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chip, DataTable, DialogButton, Empty, IconAlert, IconImport, Problem, Refusals, Section, sign, useAct, useFormat } from '@aiscra/ui'
import { graphql, type DayState, type ReconcileBoardQuery } from '../../../gql'
import { useCan, useToday } from '../../../lib/can'
import { useCodes } from '../../../lib/codes'
import { useT } from '../../../lib/i18n'
import { useUpload } from '../../../lib/upload'
import { ReconcileHead, dayTone, wall } from './parts'

const query = graphql(`
  query ReconcileBoard($from: Date!, $to: Date!, $channel: ID) {
    reconcileDays(from: $from, to: $to, channelId: $channel) {
      channelId channel date state matching undecided due contactBy files
      ours { count sum } theirs { count sum } bank { count sum } fee difference bankDifference
    }
    reconcileTerms { channelId channel }
    registryAlarms { channelId channel date contactBy seenBy }
  }
`)
const seeMutation = graphql(`
  mutation RegistryAlarmSee($input: RegistryAlarmSeeInput!) { registryAlarmSee(input: $input) { seen errors { code field message } } }
`)

type Day = ReconcileBoardQuery['reconcileDays'][number]
type Alarm = ReconcileBoardQuery['registryAlarms'][number]
const route = getRouteApi('/reconciliation')
const states: DayState[] = ['NO_FILE', 'DIFFERS', 'BANK_DIFFERS', 'AGREED', 'EXPECTED', 'SETTLED']

/** So many days before a day. */
export function daysBefore(day: string, by: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - by * 86_400_000).toISOString().slice(0, 10)
}

export function Board() {
  const t = useT()
  const codes = useCodes()
  const can = useCan()
  const today = useToday()
  const navigate = route.useNavigate()
  const { to = today, from = daysBefore(to, 6), channel, state } = route.useSearch()
  const set = (change: { from?: string | undefined; to?: string | undefined; channel?: string | undefined; state?: DayState | undefined }) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const [result, refetch] = useQuery({ query, variables: { from, to, channel: channel ?? null }, requestPolicy: 'cache-and-network' })
  const again = () => refetch({ requestPolicy: 'network-only' })
  return (
    <>
      <ReconcileHead title={t('recon.days')} lead={t('recon.lead')}>
        {can('RECONCILE_WRITE') && <DialogButton label={t('recon.bringStatement')} icon={<IconImport size={16} />}>{() => <StatementUpload />}</DialogButton>}
        {can('RECONCILE_WRITE') && (
          <DialogButton label={t('recon.bringRegistry')} icon={<IconImport size={16} />} variant="filled">
            {() => <RegistryUpload channels={result.data?.reconcileTerms ?? []} />}
          </DialogButton>
        )}
      </ReconcileHead>
      <Stack>
        <Answer result={result} retry={again} lines={8}>
          {({ reconcileDays, reconcileTerms, registryAlarms }) => (
            <>
              {registryAlarms.length > 0 && <Alarms rows={registryAlarms} done={again} />}
              <Paper withBorder p="md">
                <Group gap="sm" align="flex-end">
                  <NativeSelect
                    label={t('payments.channel')} value={channel ?? ''} onChange={(event) => set({ channel: event.currentTarget.value || undefined })}
                    data={[{ value: '', label: t('common.all') }, ...reconcileTerms.map((row) => ({ value: row.channelId, label: codes.channel(row.channel) }))]}
                  />
                  <TextInput label={t('common.fromDay')} type="date" value={from} max={to} onChange={(event) => event.currentTarget.value && set({ from: event.currentTarget.value })} />
                  <TextInput label={t('common.toDay')} type="date" value={to} min={from} max={today} onChange={(event) => event.currentTarget.value && set({ to: event.currentTarget.value })} />
                  <NativeSelect
                    label={t('common.state')} value={state ?? ''} onChange={(event) => set({ state: (event.currentTarget.value || undefined) as DayState | undefined })}
                    data={[{ value: '', label: t('common.all') }, ...states.map((value) => ({ value, label: t(`enum.DayState.${value}`) }))]}
                  />
                </Group>
              </Paper>
              <Section flush title={t('recon.days')}>
                {reconcileTerms.length === 0
                  ? <Empty title={t('recon.noTerms')} action={<Button component={Link} to="/reconciliation/terms" variant="default">{t('recon.terms')}</Button>}>{t('recon.noTermsText')}</Empty>
                  : <Days rows={reconcileDays.filter((row) => !state || row.state === state)} />}
              </Section>
            </>
          )}
        </Answer>
      </Stack>
    </>
  )
}

function Days({ rows }: { rows: readonly Day[] }) {
  const t = useT()
  const codes = useCodes()
  const format = useFormat()
  const sum = (of: { count: number; sum: string }) => <div>{format.money(of.sum)}<Text size="xs" c="dimmed">{t('recon.payments', { count: of.count })}</Text></div>
  const gap = (value: string) => (sign(value) === 0 ? '—' : <Text span inherit fw={700} c="var(--bad)">{format.money(value)}</Text>)
  return (
    <DataTable
      caption={t('recon.days')} rows={rows} rowKey={(row) => `${row.channelId} ${row.date}`} empty={<Empty title={t('recon.noDays')} />} remember="reconcile-days"
      columns={[
        {
          key: 'day', head: t('recon.day'), fixed: true,
          cell: (row) => <Link className="row-link tab" to="/reconciliation/days/$channel" params={{ channel: row.channelId }} search={{ date: row.date }}>{format.shortDate(row.date)}</Link>,
        },
        { key: 'channel', head: t('payments.channel'), fixed: true, cell: (row) => codes.channel(row.channel) },
        {
          key: 'state', head: t('common.state'),
          cell: (row) => (
            <div>
              <Chip tone={row.matching ? 'busy' : dayTone[row.state]}>{row.matching ? t('enum.RegistryState.MATCHING') : t(`enum.DayState.${row.state}`)}</Chip>
              <Text size="xs" c="dimmed"><Next row={row} /></Text>
            </div>
          ),
        },
        { key: 'ours', head: t('recon.ours'), numeric: true, cell: (row) => sum(row.ours) },
        { key: 'theirs', head: t('recon.theirs'), numeric: true, cell: (row) => (row.files === 0 ? '—' : sum(row.theirs)) },
        { key: 'difference', head: t('recon.difference'), numeric: true, cell: (row) => (row.files === 0 ? '—' : gap(row.difference)) },
        {
          key: 'bank', head: t('recon.bank'), numeric: true,
          cell: (row) => (row.bank.count === 0 ? '—' : <div>{format.money(row.bank.sum)}<Text size="xs" c="dimmed">{t('recon.plusFee', { fee: format.money(row.fee) })}</Text></div>),
        },
        { key: 'gap', head: t('recon.bankDifference'), numeric: true, cell: (row) => (row.bank.count === 0 ? '—' : gap(row.bankDifference)) },
      ]}
    />
  )
}

/** What the day waits for. */
export function Next({ row }: { row: Pick<Day, 'state' | 'due' | 'contactBy' | 'undecided'> }) {
  const t = useT()
  if (row.state === 'EXPECTED') return t('recon.dueBy', { at: wall(row.due) })
  if (row.state === 'NO_FILE') return t('recon.contactBy', { at: wall(row.contactBy) })
  if (row.state === 'DIFFERS') return t('recon.undecided', { count: row.undecided })
  return null
}

function Alarms({ rows, done }: { rows: readonly Alarm[]; done: () => void }) {
  const t = useT()
  const codes = useCodes()
  const format = useFormat()
  const can = useCan()
  const act = useAct(seeMutation)
  return (
    <Alert color="red" role="alert" icon={<IconAlert />} title={t('recon.late', { count: rows.length })}>
      <Stack gap="xs">
        {rows.map((row) => (
          <Group key={`${row.channelId} ${row.date}`} gap="sm" justify="space-between">
            <Text size="sm">{t('recon.lateOf', { channel: codes.channel(row.channel), day: format.shortDate(row.date), by: wall(row.contactBy) })}</Text>
            {row.seenBy
              ? <Text size="sm" c="dimmed">{t('recon.toldBy', { who: codes.actor(row.seenBy) })}</Text>
              : can('RECONCILE_WRITE') && (
                <Button size="compact-sm" variant="default" loading={act.busy} onClick={() => void act.run({ channelId: row.channelId, date: row.date }).then((told) => { if (told) done() })}>
                  {t('recon.told')}
                </Button>
              )}
          </Group>
        ))}
        <Refusals errors={act.errors} />
        {act.broken && <Problem error={act.broken} />}
      </Stack>
    </Alert>
  )
}

function RegistryUpload({ channels }: { channels: readonly { channelId: string; channel: string }[] }) {
  const t = useT()
  const codes = useCodes()
  const navigate = useNavigate()
  const upload = useUpload<{ id: string; date: string }>()
  const [file, setFile] = useState<File | null>(null)
  const [channel, setChannel] = useState(channels[0]?.channelId ?? '')
  const [date, setDate] = useState('')
  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (!file) return
    const asked = new URLSearchParams({ channel, filename: file.name, ...(date ? { date } : {}) })
    const taken = await upload.send(`/payments/registries?${asked}`, file)
    if (taken) await navigate({ to: '/reconciliation/days/$channel', params: { channel }, search: { date: taken.date } })
  }
  return (
    <form onSubmit={(event) => void send(event)}>
      <Stack>
        <NativeSelect label={t('payments.channel')} value={channel} onChange={(event) => setChannel(event.currentTarget.value)} data={channels.map((row) => ({ value: row.channelId, label: codes.channel(row.channel) }))} />
        <FileInput label={t('imports.file')} placeholder={t('imports.choose')} value={file} onChange={setFile} leftSection={<IconImport size={16} />} clearable clearButtonProps={{ 'aria-label': t('files.clear') }} />
        <TextInput label={t('recon.day')} description={t('recon.dayHint')} type="date" value={date} onChange={(event) => setDate(event.currentTarget.value)} />
        {upload.refused && <Alert color="red" role="alert">{upload.refused}</Alert>}
        <Group justify="flex-end"><Button type="submit" loading={upload.busy} disabled={!file || !channel}>{t('recon.bring')}</Button></Group>
      </Stack>
    </form>
  )
}

export function StatementUpload() {
  const t = useT()
  const navigate = useNavigate()
  const upload = useUpload<{ ids: string[] }>()
  const [file, setFile] = useState<File | null>(null)
  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (!file) return
    const taken = await upload.send(`/payments/statements?${new URLSearchParams({ filename: file.name })}`, file)
    const [only, more] = taken?.ids ?? []
    if (only && !more) await navigate({ to: '/reconciliation/statements/$id', params: { id: only } })
    else if (only) await navigate({ to: '/reconciliation/statements' })
  }
  return (
    <form onSubmit={(event) => void send(event)}>
      <Stack>
        <FileInput label={t('imports.file')} placeholder={t('imports.choose')} description={t('recon.statementFormats')} value={file} onChange={setFile} leftSection={<IconImport size={16} />} clearable clearButtonProps={{ 'aria-label': t('files.clear') }} />
        {upload.refused && <Alert color="red" role="alert">{upload.refused}</Alert>}
        <Group justify="flex-end"><Button type="submit" loading={upload.busy} disabled={!file}>{t('recon.bring')}</Button></Group>
      </Stack>
    </form>
  )
}
