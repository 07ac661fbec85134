// Terms of reconciliation of channels: how a file is laid out, by which hour it comes, what the agent keeps. And what goes to the
// shared-bill centre.
import { useState } from 'react'
import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { useQuery } from 'urql'
import { Answer, ChoiceField, DataTable, DialogButton, Empty, FieldRow, FormView, IconDownload, Section, SwitchField, TextField, parseDecimal, useAct, useFinish, useForm, useFormat } from '@aiscra/ui'
import { graphql, type ReconcileTermsPageQuery, type RegistryColumn, type Sector, type SerialRule } from '../../../gql'
import { useCan, useToday } from '../../../lib/can'
import { useCodes } from '../../../lib/codes'
import { useT } from '../../../lib/i18n'
import { monthsFrom } from '../../../lib/month-field'
import { sectors } from '../../debt/parts'
import { useExport } from '../../platform/made'
import { ReconcileHead } from './parts'

const query = graphql(`
  query ReconcileTermsPage($channels: Boolean!) {
    reconcileTerms { channelId channel zone since dueAt contactHours serialRule feePoints alarmTo version layout { separator header total columns } }
    paymentChannels(first: 100) @include(if: $channels) { nodes { id code sandbox } }
  }
`)
const setMutation = graphql(`
  mutation ReconcileTermsSet($input: ReconcileTermsInput!) { reconcileTermsSet(input: $input) { terms { channelId version } errors { code field message } } }
`)

type Terms = ReconcileTermsPageQuery['reconcileTerms'][number]
interface Channel {
  id: string
  code: string
}
const columns: RegistryColumn[] = ['NUMBER', 'DATE', 'TIME', 'MOMENT', 'ACCOUNT', 'AMOUNT', 'COMMISSION', 'SERVICE', 'SKIP']
const separators = { '\t': 'recon.separator.tab', ';': 'recon.separator.semicolon', ',': 'recon.separator.comma', '|': 'recon.separator.bar' } as const

/** Hundredths of a percent as a percentage: 80 → "0.80". */
const percent = (points: number): string => `${Math.trunc(points / 100)}.${String(points % 100).padStart(2, '0')}`
const points = (exact: string): number => Number(exact.replace('.', ''))

export function ReconcileTermsPage() {
  const t = useT()
  const codes = useCodes()
  const format = useFormat()
  const can = useCan()
  const [result, refetch] = useQuery({ query, variables: { channels: can('CHANNEL_READ') }, requestPolicy: 'cache-and-network' })
  const again = () => refetch({ requestPolicy: 'network-only' })
  return (
    <>
      <ReconcileHead title={t('recon.terms')} lead={t('recon.termsLead')} />
      <Stack>
        <Answer result={result} retry={again} lines={6}>
          {({ reconcileTerms, paymentChannels }) => {
            const fresh = (paymentChannels?.nodes ?? []).filter((one) => !one.sandbox && !reconcileTerms.some((row) => row.channelId === one.id))
            return (
              <Section
                flush title={t('recon.terms')}
                side={can('RECONCILE_CONFIRM') && fresh.length > 0 && (
                  <DialogButton label={t('recon.addTerms')} buttonSize="xs" size="xl" variant="filled">{(close) => <TermsForm channels={fresh} close={close} done={again} />}</DialogButton>
                )}
              >
                <DataTable
                  caption={t('recon.terms')} rows={reconcileTerms} rowKey={(row) => row.channelId} empty={<Empty title={t('recon.noTerms')}>{t('recon.noTermsText')}</Empty>}
                  columns={[
                    { key: 'channel', head: t('payments.channel'), cell: (row) => <div><b>{codes.channel(row.channel)}</b><Text size="xs" c="dimmed">{row.zone}</Text></div> },
                    { key: 'since', head: t('recon.since'), cell: (row) => <span className="tab">{format.shortDate(row.since)}</span> },
                    { key: 'due', head: t('recon.dueAt'), cell: (row) => <div className="tab">{row.dueAt}<Text size="xs" c="dimmed">{t('recon.contactIn', { hours: row.contactHours })}</Text></div> },
                    { key: 'rule', head: t('recon.serialRule'), cell: (row) => t(`enum.SerialRule.${row.serialRule}`) },
                    { key: 'fee', head: t('recon.fee'), numeric: true, cell: (row) => format.percent(String(row.feePoints / 10_000)) },
                    {
                      key: 'layout', head: t('recon.layout'),
                      cell: (row) => <div style={{ maxWidth: 340 }}>{row.layout.columns.map((one) => t(`enum.RegistryColumn.${one}`)).join(' · ')}<Text size="xs" c="dimmed">{t(separators[row.layout.separator as ';'])}{row.layout.total && `, ${row.layout.total}`}</Text></div>,
                    },
                    { key: 'alarm', head: t('recon.alarmTo'), cell: (row) => row.alarmTo ?? '—' },
                    {
                      key: 'acts', head: <span className="unseen">{t('common.acts')}</span>,
                      cell: (row) => can('RECONCILE_CONFIRM') && (
                        <DialogButton label={t('common.change')} title={codes.channel(row.channel)} buttonSize="compact-sm" size="xl">{(close) => <TermsForm row={row} channels={[]} close={close} done={again} />}</DialogButton>
                      ),
                    },
                  ]}
                />
              </Section>
            )
          }}
        </Answer>
        {can('BILL_READ') && can('JOB_READ') && <SharedBill />}
      </Stack>
    </>
  )
}

function TermsForm({ row, channels, close, done }: { row?: Terms; channels: readonly Channel[]; close: () => void; done: () => void }) {
  const t = useT()
  const codes = useCodes()
  const finish = useFinish(close, done)
  const today = useToday()
  const layout = row?.layout ?? { separator: ';', header: true, total: 'TOTAL', columns: ['NUMBER', 'MOMENT', 'ACCOUNT', 'AMOUNT', 'COMMISSION', 'SERVICE'] as RegistryColumn[] }
  // The order is what counts, so there is one choice per place, and a free one after the last.
  const [order, setOrder] = useState<readonly RegistryColumn[]>(layout.columns)
  const form = useForm({
    act: useAct(setMutation),
    start: {
      channel: row?.channelId ?? channels[0]?.id ?? '', separator: layout.separator, header: layout.header, total: layout.total ?? '',
      since: row?.since ?? today, dueAt: row?.dueAt ?? '10:00', contactHours: String(row?.contactHours ?? 2), serialRule: row?.serialRule ?? ('ADDS' as SerialRule),
      fee: percent(row?.feePoints ?? 0), alarmTo: row?.alarmTo ?? '',
    },
    input: (read, values) => {
      const fee = parseDecimal(values.fee, 2)
      if (fee === null) read.refuse('fee', t('recon.badFee'))
      return {
        channelId: values.channel, layout: { separator: values.separator, header: values.header, total: read.optional('total'), columns: [...order] },
        since: read.text('since'), dueAt: read.text('dueAt'), contactHours: read.whole('contactHours'), serialRule: values.serialRule as SerialRule,
        feePoints: points(fee ?? '0.00'), alarmTo: read.optional('alarmTo'), version: row?.version ?? 0,
      }
    },
    done: () => finish(t('recon.termsSet')),
  })
  const place = (at: number, value: string) => setOrder((now) => (value === '' ? now.filter((_, one) => one !== at) : [...now.slice(0, at), value as RegistryColumn, ...now.slice(at + 1)]))
  return (
    <FormView form={form} submit={t('common.save')} cancel={close} refresh={done}>
      {!row && <ChoiceField name="channel" label={t('payments.channel')} choices={channels.map((one) => ({ value: one.id, label: codes.channel(one.code) }))} />}
      <FieldRow>
        <TextField name="since" label={t('recon.since')} hint={t('recon.sinceHint')} kind="date" required />
        <TextField name="dueAt" label={t('recon.dueAt')} hint={t('recon.dueAtHint')} required />
        <TextField name="contactHours" label={t('recon.contactHours')} hint={t('recon.contactHoursHint')} mode="numeric" required />
      </FieldRow>
      <FieldRow>
        <TextField name="fee" label={t('recon.fee')} hint={t('recon.feeHint')} mode="decimal" unit="%" required />
        <TextField name="alarmTo" label={t('recon.alarmTo')} hint={t('recon.alarmToHint')} kind="email" />
      </FieldRow>
      <ChoiceField name="serialRule" label={t('recon.serialRule')} choices={(['ADDS', 'REPLACES'] as const).map((value) => ({ value, label: t(`enum.SerialRule.${value}`) }))} />
      <FieldRow>
        <ChoiceField name="separator" label={t('recon.separator')} choices={Object.entries(separators).map(([value, label]) => ({ value, label: t(label) }))} />
        <TextField name="total" label={t('recon.total')} hint={t('recon.totalHint')} />
      </FieldRow>
      <SwitchField name="header" label={t('recon.header')} />
      <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
        <Text component="legend" size="sm" fw={500} mb={4}>{t('recon.columns')}</Text>
        <Group gap="xs">
          {[...order, ''].map((value, at) => (
            <NativeSelect
              key={at} size="xs" aria-label={t('recon.column', { at: at + 1 })} value={value} onChange={(event) => place(at, event.currentTarget.value)}
              data={[{ value: '', label: '—' }, ...columns.map((one) => ({ value: one, label: t(`enum.RegistryColumn.${one}`) }))]}
            />
          ))}
        </Group>
      </fieldset>
    </FormView>
  )
}

/** What a shared-bill centre prints for us: our published format. */
function SharedBill() {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const [period, setPeriod] = useState(monthsFrom(today.slice(0, 7), -1))
  const [sector, setSector] = useState<Sector>('MULTI')
  const exporting = useExport({ sharedBill: { period, sector } })
  const months = Array.from({ length: 13 }, (_, at) => monthsFrom(today.slice(0, 7), -at))
  return (
    <Section title={t('recon.sharedBill')}>
      <Text size="sm" c="dimmed" mb="sm">{t('recon.sharedBillText')}</Text>
      <Group align="flex-end" gap="sm">
        <NativeSelect label={t('common.period')} value={period} onChange={(event) => setPeriod(event.currentTarget.value)} data={months.map((value) => ({ value, label: format.period(value) }))} />
        <NativeSelect label={t('common.sector')} value={sector} onChange={(event) => setSector(event.currentTarget.value as Sector)} data={sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))} />
        <Button variant="default" leftSection={<IconDownload size={15} />} loading={exporting.busy} onClick={() => exporting.run('CSV')}>CSV</Button>
      </Group>
    </Section>
  )
}
