import { Suspense, lazy, useState } from 'react'
import { Button, Collapse, Group, Paper, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Chip, DialogButton, PagedTable, Empty, useFormat, useLanguage, usePages } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useCan } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { AmendButton } from '../amendments/form'
import { Allocations } from './allocations'
import { ReverseForm } from './reverse'
import { useTargetWords } from './target'

// Forms that few may open.
const PaymentActs = lazy(() => import('./acts').then((module) => ({ default: module.PaymentActs })))
const Earmarks = lazy(() => import('./earmarks').then((module) => ({ default: module.Earmarks })))

const query = graphql(`
  query AccountPayments($id: ID!, $after: String) {
    account(id: $id) {
      id
      payments(first: 24, after: $after) {
        nodes {
          id amount paidOn receivedAt receivedBy channel externalId period reversed atDesk notes through { kk ru en }
          target { service bill earmark { id kind reference } } reallocations { moved reason doneBy doneAt }
          allocations { amount openItem { id service component origin } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)

interface Props {
  account: { id: string; number: string }
  onChange: () => void
}

export function PaymentsTab({ account, onChange }: Props) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const codes = useCodes()
  const { language } = useLanguage()
  const targetWords = useTargetWords()
  const pages = usePages(query, { id: account.id }, (data) => data.account?.payments)
  const [opened, setOpened] = useState<string | null>(null)
  return (
    <Stack>
      {/* Money over the counter is taken at the cash desk, in a shift: from here the account goes straight onto the receipt. */}
      {can('CASHDESK_WORK') && <Group justify="flex-end"><Link className="row-link" to="/cash" search={{ account: account.number }}>{t('payments.atDesk')}</Link></Group>}
      <Paper withBorder>
        <PagedTable
          caption={t('payments.title')} pages={pages} rowKey={(row) => row.id}
          empty={<Empty title={t('payments.none')} />}
          columns={[
            { key: 'day', head: t('payments.paidOn'), cell: (row) => <span className="tab">{format.shortDate(row.paidOn)}</span> },
            { key: 'channel', head: t('payments.channel'), cell: (row) => <div>{row.through?.[language] ?? codes.channel(row.channel)}<Text size="xs" c="dimmed" className="tab">{row.externalId}</Text></div> },
            { key: 'who', head: t('payments.receivedBy'), cell: (row) => <div>{codes.actor(row.receivedBy)}<Text size="xs" c="dimmed">{format.dateTime(row.receivedAt)}</Text></div> },
            { key: 'state', head: t('common.state'), cell: (row) => <Group gap={6}>{row.reversed ? <Chip tone="bad">{t('payments.reversed')}</Chip> : <Chip tone="good">{t('payments.posted')}</Chip>}{row.notes.map((note) => <Chip key={note} tone="warn">{t(`enum.PaymentNote.${note}`)}</Chip>)}</Group> },
            {
              key: 'where', head: t('payments.allocation'),
              cell: (row) => row.allocations.length === 0 ? <Text size="sm" c="dimmed">{t('ledger.advance')}</Text> : (
                <div>
                  {row.target && <Text size="xs">{targetWords(row.target)}</Text>}
                  {row.reallocations.map((one) => <Text key={one.doneAt} size="xs" c="dimmed">{t('payments.reallocatedBy', { sum: format.money(one.moved), who: codes.actor(one.doneBy), day: format.shortDate(one.doneAt) })}</Text>)}
                  <Button size="compact-xs" variant="subtle" aria-expanded={opened === row.id} onClick={() => setOpened(opened === row.id ? null : row.id)}>
                    {t('payments.items', { count: row.allocations.length })}
                  </Button>
                  <Collapse expanded={opened === row.id}><Allocations rows={row.allocations} /></Collapse>
                </div>
              ),
            },
            { key: 'amount', head: t('ledger.amount'), numeric: true, cell: (row) => <b>{format.money(row.amount)}</b> },
            ...(can('PAYMENT_REVERSE') || can('RECONCILE_WRITE')
              ? [{
                  key: 'acts', head: <span className="unseen">{t('common.acts')}</span>,
                  cell: (row: (typeof pages.rows)[number]) => !row.reversed && !row.amount.startsWith('-') && (
                    <Stack gap={4} align="flex-start">
                      {can('RECONCILE_WRITE') && (
                        <Suspense fallback={null}><PaymentActs account={account.id} payment={row} done={() => { pages.refresh(); onChange() }} /></Suspense>
                      )}
                      {can('PAYMENT_REVERSE') && !row.atDesk && (
                        <DialogButton label={t('payments.reverse')} title={t('payments.reverseTitle', { sum: format.money(row.amount) })} buttonSize="compact-xs">
                          {(close) => <ReverseForm payment={row} close={close} done={() => { pages.refresh(); onChange() }} />}
                        </DialogButton>
                      )}
                      {can('PAYMENT_REVERSE') && can('CORRECTION_WRITE') && !row.atDesk && <AmendButton preset={{ payments: [row.id] }} what={t('amendments.ofPayment', { sum: format.money(row.amount), day: format.shortDate(row.paidOn) })} />}
                    </Stack>
                  ),
                }]
              : []),
          ]}
        />
      </Paper>
      <Suspense fallback={null}><Earmarks account={account.id} /></Suspense>
    </Stack>
  )
}
