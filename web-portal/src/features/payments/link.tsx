// Paying by a link: the provider's application takes the money, we show what became of it.
import { useEffect, useState, type FormEvent } from 'react'
import { Alert, Button, Paper, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from 'urql'
import { Problem, Refusals, errorOf, newKey, parseDecimal, useAct, useFormat } from '@aiscra/ui'
import { graphql, type PaymentLinkCreateMutation } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query PaymentLinkOffered { paymentLinkOffered me { id account { id owed } } }
`)
const create = graphql(`
  mutation PaymentLinkCreate($input: PaymentLinkCreateInput!) {
    paymentLinkCreate(input: $input) { link { id amount state url qr expiresAt } errors { code field message } }
  }
`)
const stateQuery = graphql(`
  query PaymentLinkState($id: ID!) { paymentLink(id: $id) { id state url amount } }
`)

type Link = NonNullable<PaymentLinkCreateMutation['paymentLinkCreate']['link']>

export function PayByLink({ done }: { done: () => void }) {
  const [result] = useQuery({ query })
  const [link, setLink] = useState<Link | null>(null)
  if (!result.data?.paymentLinkOffered) return null
  const { account } = result.data.me
  return link
    ? <Watched key={link.id} link={link} done={done} another={() => setLink(null)} />
    : <Wanted account={account.id} owed={account.owed} made={setLink} />
}

function Wanted({ account, owed, made }: { account: string; owed: string; made: (link: Link) => void }) {
  const t = useT()
  const format = useFormat()
  const act = useAct(create)
  const [amount, setAmount] = useState(/[1-9]/.test(owed) ? format.amount(owed) : '')
  const [bad, setBad] = useState(false)
  // One key for one intention: pressing twice asks for one link.
  const [key, setKey] = useState(newKey)
  const ask = async (event: FormEvent) => {
    event.preventDefault()
    const exact = parseDecimal(amount, 2)
    const right = Boolean(exact && /[1-9]/.test(exact))
    setBad(!right)
    if (!exact || !right) return
    const payload = await act.run({ accountId: account, amount: exact, idempotencyKey: key })
    // Not answered: the same again, should it have been made.
    if (payload) setKey(newKey())
    if (payload?.link) made(payload.link)
  }
  return (
    <Paper withBorder p="md" mb="md" component="section" aria-label={t('payments.pay')}>
      <form noValidate onSubmit={(event) => void ask(event)}>
        <Stack gap="sm">
          <TextInput
            label={t('payments.sum')} inputMode="decimal" required value={amount}
            onChange={(event) => {
              setAmount(event.currentTarget.value)
              setBad(false)
            }}
            error={bad ? t('payments.badSum') : errorOf(act.errors, 'amount')} rightSection={<Text c="dimmed">₸</Text>}
          />
          <Button type="submit" fullWidth loading={act.busy}>{t('payments.pay')}</Button>
        </Stack>
      </form>
      <Refusals errors={act.errors} shown={['amount']} />
      {act.broken && <Problem error={act.broken} />}
    </Paper>
  )
}

function Watched({ link, done, another }: { link: Link; done: () => void; another: () => void }) {
  const t = useT()
  const format = useFormat()
  const [result, refetch] = useQuery({ query: stateQuery, variables: { id: link.id }, requestPolicy: 'network-only' })
  const state = result.data?.paymentLink?.state ?? link.state
  const open = state === 'ASKED' || state === 'WAITING' || state === 'OPENED'
  useEffect(() => {
    if (!open) return
    const timer = setInterval(() => refetch({ requestPolicy: 'network-only' }), 4_000)
    return () => clearInterval(timer)
  }, [open, refetch])
  useEffect(() => {
    if (state === 'PAID') done()
    // The list is asked for once, when the money has come.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [state])
  const sum = format.money(link.amount)
  return (
    <Alert mb="md" role="status" color={state === 'PAID' ? 'teal' : open ? 'blue' : 'orange'} title={t(`payments.link.${state}`, { sum })}>
      <Stack gap="sm" align="flex-start">
        {open && link.qr && <img className="qr" src={`data:image/svg+xml,${encodeURIComponent(link.qr)}`} alt={t('payments.linkCode')} width={176} height={176} />}
        {open && link.url && <Button component="a" href={link.url} target="_blank" rel="noreferrer">{t('payments.openLink')}</Button>}
        {!open && <Button variant="default" onClick={another}>{t('payments.payMore')}</Button>}
      </Stack>
    </Alert>
  )
}
