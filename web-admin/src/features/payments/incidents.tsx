// What somebody has to look at about payments of channels.
import { useState } from 'react'
import { SegmentedControl, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Chip, DialogButton, Empty, FormView, PagedTable, Section, TextField, useAct, useFinish, useForm, useFormat, usePages } from '@aiscra/ui'
import { graphql, type PaymentIncidentsQuery } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query PaymentIncidents($channel: String, $open: Boolean, $after: String) {
    paymentIncidents(channel: $channel, open: $open, first: 20, after: $after) {
      nodes {
        id channel externalId kind saidAccount saidAmount times lastAt done decidedBy note
        payment { id amount paidOn account { id number } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const close = graphql(`
  mutation IncidentClose($input: IncidentCloseInput!) { incidentClose(input: $input) { incident { id done } errors { code field message } } }
`)

type Incident = PaymentIncidentsQuery['paymentIncidents']['nodes'][number]

export function Incidents({ channel }: { channel?: string }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const [open, setOpen] = useState(true)
  const pages = usePages(query, { channel: channel ?? null, open }, (data) => data.paymentIncidents)
  return (
    <Section
      flush title={t('channels.incidents')}
      side={(
        <SegmentedControl
          size="xs" aria-label={t('channels.incidents')} value={open ? 'open' : 'done'} onChange={(value) => setOpen(value === 'open')}
          data={[{ value: 'open', label: t('channels.incidentsOpen') }, { value: 'done', label: t('channels.incidentsDone') }]}
        />
      )}
    >
      <PagedTable
        caption={t('channels.incidents')} pages={pages} rowKey={(row) => row.id} empty={<Empty title={open ? t('channels.noIncidents') : t('channels.noIncidentsDone')} />}
        columns={[
          { key: 'kind', head: t('channels.what'), cell: (row) => <div>{t(`enum.IncidentKind.${row.kind}`)}<Text size="xs" c="dimmed">{t(`channels.incident.${row.kind}`)}</Text></div> },
          { key: 'number', head: t('channels.number'), cell: (row) => <div className="tab">{row.externalId}{!channel && <Text size="xs" c="dimmed">{row.channel}</Text>}</div> },
          {
            key: 'payment', head: t('channels.payment'),
            cell: (row) => row.payment
              ? <div><Link to="/accounts/$number" params={{ number: row.payment.account.number }} search={{ tab: 'payments' }}>{row.payment.account.number}</Link><Text size="xs" c="dimmed">{format.money(row.payment.amount)}, {format.shortDate(row.payment.paidOn)}</Text></div>
              : '—',
          },
          { key: 'said', head: t('channels.said'), cell: (row) => [row.saidAccount, row.saidAmount && format.money(row.saidAmount)].filter(Boolean).join(', ') || '—' },
          { key: 'when', head: t('channels.when'), cell: (row) => <div>{format.dateTime(row.lastAt)}{row.times > 1 && <Text size="xs" c="dimmed">{t('channels.times', { count: row.times })}</Text>}</div> },
          {
            key: 'act', head: open ? <span className="unseen">{t('common.acts')}</span> : t('channels.note'),
            cell: (row) => row.done
              ? <div>{row.note}<Text size="xs" c="dimmed">{row.decidedBy}</Text></div>
              : can('INCIDENT_CLOSE')
                ? <DialogButton label={t('channels.closeIncident')} buttonSize="compact-sm">{(shut) => <CloseForm row={row} close={shut} done={pages.refresh} />}</DialogButton>
                : <Chip tone="warn">{t('channels.incidentsOpen')}</Chip>,
          },
        ]}
      />
    </Section>
  )
}

function CloseForm({ row, close: shut, done }: { row: Incident; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(shut, done)
  const form = useForm({
    act: useAct(close),
    start: { note: '' },
    input: (read) => ({ id: row.id, note: read.text('note') }),
    done: () => finish(t('channels.incidentClosed')),
  })
  return (
    <FormView form={form} submit={t('channels.closeIncident')} cancel={shut}>
      <Text size="sm">{t(`channels.incident.${row.kind}`)}</Text>
      <TextField name="note" label={t('channels.note')} hint={t('channels.noteHint')} kind="long" required first />
    </FormView>
  )
}
