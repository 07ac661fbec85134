import { useState, type FormEvent } from 'react'
import { Alert, Button, Collapse, Group, Paper, Stack, Table, Text, TextInput } from '@mantine/core'
import { useClient, type CombinedError } from 'urql'
import {
  Chip, Confirm, Figures, PagedTable, Empty, Problem, Refusals, errorOf, newKey, parseDecimal, useAct, useFormat, usePages,
} from '@aiscra/ui'
import { graphql, type PaymentPreviewQuery, type PaymentRecordMutation } from '../../gql'
import { useCan } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { AmendButton } from '../amendments/form'
import { Balance } from '../subscribers/balance'

const query = graphql(`
  query AccountPayments($id: ID!, $after: String) {
    account(id: $id) {
      id
      payments(first: 24, after: $after) {
        nodes {
          id amount paidOn receivedAt receivedBy channel externalId period reversed
          allocations { amount openItem { id service component origin } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)

const record = graphql(`
  mutation PaymentRecord($input: PaymentRecordInput!) {
    paymentRecord(input: $input) {
      payment {
        id amount
        account { id balance owed advance dueOn }
        allocations { amount openItem { id service component origin } }
      }
      errors { code field message }
    }
  }
`)

const preview = graphql(`
  query PaymentPreview($id: ID!, $amount: Money!) {
    paymentPreview(accountId: $id, amount: $amount) {
      period advance balance
      allocations { amount openItem { id service component origin } }
      errors { code field message }
    }
  }
`)

type Preview = PaymentPreviewQuery['paymentPreview']
type Allocation = NonNullable<PaymentRecordMutation['paymentRecord']['payment']>['allocations'][number]

interface Props {
  account: { id: string; balance: string; owed: string }
  onChange: () => void
}

export function PaymentsTab({ account, onChange }: Props) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const codes = useCodes()
  const pages = usePages(query, { id: account.id }, (data) => data.account?.payments)
  const [opened, setOpened] = useState<string | null>(null)
  return (
    <Stack>
      {can('PAYMENT_RECORD') && <PaymentForm account={account} onDone={() => { pages.refresh(); onChange() }} />}
      <Paper withBorder>
        <PagedTable
          caption={t('payments.title')} pages={pages} rowKey={(row) => row.id}
          empty={<Empty title={t('payments.none')} />}
          columns={[
            { key: 'day', head: t('payments.paidOn'), cell: (row) => <span className="tab">{format.shortDate(row.paidOn)}</span> },
            { key: 'channel', head: t('payments.channel'), cell: (row) => <div>{codes.channel(row.channel)}<Text size="xs" c="dimmed" className="tab">{row.externalId}</Text></div> },
            { key: 'who', head: t('payments.receivedBy'), cell: (row) => <div>{codes.actor(row.receivedBy)}<Text size="xs" c="dimmed">{format.dateTime(row.receivedAt)}</Text></div> },
            { key: 'state', head: t('common.state'), cell: (row) => row.reversed ? <Chip tone="bad">{t('payments.reversed')}</Chip> : <Chip tone="good">{t('payments.posted')}</Chip> },
            {
              key: 'where', head: t('payments.allocation'),
              cell: (row) => row.allocations.length === 0 ? <Text size="sm" c="dimmed">{t('ledger.advance')}</Text> : (
                <div>
                  <Button size="compact-xs" variant="subtle" aria-expanded={opened === row.id} onClick={() => setOpened(opened === row.id ? null : row.id)}>
                    {t('payments.items', { count: row.allocations.length })}
                  </Button>
                  <Collapse expanded={opened === row.id}><Allocations rows={row.allocations} /></Collapse>
                </div>
              ),
            },
            { key: 'amount', head: t('ledger.amount'), numeric: true, cell: (row) => <b>{format.money(row.amount)}</b> },
            ...(can('CORRECTION_WRITE') && can('PAYMENT_REVERSE')
              ? [{
                  key: 'amend', head: <span className="skip">{t('amendments.remove')}</span>,
                  cell: (row: (typeof pages.rows)[number]) => !row.reversed && !row.amount.startsWith('-') && (
                    <AmendButton preset={{ payments: [row.id] }} what={t('amendments.ofPayment', { sum: format.money(row.amount), day: format.shortDate(row.paidOn) })} />
                  ),
                }]
              : []),
          ]}
        />
      </Paper>
    </Stack>
  )
}

function Allocations({ rows }: { rows: readonly Allocation[] }) {
  const t = useT()
  const format = useFormat()
  return (
    <Table withRowBorders={false} verticalSpacing={2} horizontalSpacing="xs" fz="xs" aria-label={t('payments.allocation')}>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.openItem.id}>
            <Table.Td>{format.period(row.openItem.origin)}</Table.Td>
            <Table.Td>{row.openItem.service ? t(`enum.Service.${row.openItem.service}`) : row.openItem.component ? t(`enum.Component.${row.openItem.component}`) : t('ledger.advance')}</Table.Td>
            <Table.Td className="num">{format.money(row.amount)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function PaymentForm({ account, onDone }: { account: Props['account']; onDone: () => void }) {
  const t = useT()
  const format = useFormat()
  const client = useClient()
  const act = useAct(record)
  const [amount, setAmount] = useState('')
  const [bad, setBad] = useState(false)
  // One key for one intention: pressing twice, or again after a lost answer, records one payment.
  const [key, setKey] = useState(newKey)
  const [done, setDone] = useState<PaymentRecordMutation['paymentRecord'] | null>(null)
  const [asked, setAsked] = useState<{ exact: string; seen: Preview } | null>(null)
  const [looking, setLooking] = useState(false)
  const [asking, setAsking] = useState(false)
  const [broken, setBroken] = useState<CombinedError>()

  // A cashier cannot take a payment back: what it will do is seen first.
  const look = async (event: FormEvent) => {
    event.preventDefault()
    const exact = parseDecimal(amount, 2)
    setBad(!exact || !/[1-9]/.test(exact))
    act.reset()
    if (!exact || !/[1-9]/.test(exact)) return
    setLooking(true)
    const answer = await client.query(preview, { id: account.id, amount: exact }, { requestPolicy: 'network-only' }).toPromise()
    setLooking(false)
    setBroken(answer.error)
    if (!answer.data) return
    const seen = answer.data.paymentPreview
    setAsked({ exact, seen })
    setAsking(seen.errors.length === 0)
  }
  const send = async () => {
    if (!asked) return
    const payload = await act.run({ accountId: account.id, amount: asked.exact, channel: 'CASH', idempotencyKey: key })
    if (!payload) return
    setDone(payload)
    setKey(newKey())
    setAmount('')
    setAsked(null)
    onDone()
  }
  const errors = act.errors.length > 0 ? act.errors : asked?.seen.errors ?? []
  return (
    <Paper withBorder p="md" component="section" aria-label={t('payments.record')}>
      <form noValidate onSubmit={(event) => void look(event)}>
        <Group align="flex-start" gap="sm">
          <TextInput
            label={t('payments.amount')} inputMode="decimal" required w={200} value={amount}
            onChange={(event) => { setAmount(event.currentTarget.value); setAsked(null) }}
            error={bad ? t('payments.badAmount') : errorOf(errors, 'amount')}
            rightSection={<Text c="dimmed">₸</Text>}
          />
          {/[1-9]/.test(account.owed) && (
            <Button mt={25} variant="default" onClick={() => { setAmount(format.amount(account.owed)); setAsked(null) }}>{t('payments.all', { sum: format.money(account.owed) })}</Button>
          )}
          <Button type="submit" mt={25} loading={looking || act.busy}>{t('payments.record')}</Button>
        </Group>
      </form>
      <Stack mt="sm" gap="xs">
        <Refusals errors={errors} shown={['amount']} />
        {(act.broken ?? broken) && <Problem error={(act.broken ?? broken)!} />}
        {done?.payment && (
          <Alert color="teal" role="status" title={t('payments.recorded', { sum: format.money(done.payment.amount) })}>
            <Group align="flex-start" gap="xl">
              <div><Text size="xs" c="dimmed">{t('payments.allocation')}</Text><Allocations rows={done.payment.allocations} /></div>
              <div><Text size="xs" c="dimmed">{t('payments.balanceNow')}</Text><Balance value={done.payment.account.balance} /></div>
            </Group>
          </Alert>
        )}
      </Stack>
      <Confirm
        opened={asking} title={t('payments.confirmTitle', { sum: format.money(asked?.exact ?? '0.00') })} yes={t('payments.record')}
        onYes={() => void send()} onClose={() => setAsking(false)}
      >
        {asked && <Previewed seen={asked.seen} />}
      </Confirm>
    </Paper>
  )
}

function Previewed({ seen }: { seen: Preview }) {
  const t = useT()
  const format = useFormat()
  return (
    <Stack gap="sm">
      <Text size="sm">{t('payments.confirmText')}</Text>
      {seen.allocations.length > 0 && <Allocations rows={seen.allocations} />}
      <Figures
        rows={[
          { label: t('payments.toAdvance'), value: format.money(seen.advance ?? '0.00') },
          { label: t('payments.balanceAfter'), value: <Balance value={seen.balance ?? '0.00'} /> },
          { label: t('common.period'), value: seen.period ? format.period(seen.period) : '' },
        ]}
      />
    </Stack>
  )
}
