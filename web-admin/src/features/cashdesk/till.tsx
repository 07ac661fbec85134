// The receipt at hand: for whom, how much, by which means, the change. Everything by keys: F2 another account, Enter onward, F4 all by
// card, F9 take the money, Esc back.
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent as Keys } from 'react'
import { ActionIcon, Alert, Button, Group, NativeSelect, Paper, Stack, Text, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useClient } from 'urql'
import { Chip, IconAlert, Refusals, newKey, parseDecimal, pause, useFormat, useSay } from '@aiscra/ui'
import type { CashPayMutation } from '../../gql'
import { save } from '../../lib/client'
import { useToday, useViewer } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { targetOf, useTargets } from '../payments/target'
import { Find, type Payer } from './find'
import { payMutation } from './graph'
import { FiscalChip, Key, type Desk, type Shift } from './parts'
import { heard, keep, kept, settled, type Pending } from './pending'
import { exact, tender, tiyn } from './tender'

interface Line {
  payer: Payer
  amount: string
  /** What it is for; nothing is by the policy. */
  target: string
}
type Done = NonNullable<CashPayMutation['cashPay']['operation']>

const sum = (text: string): bigint | null => {
  const read = parseDecimal(text, 2)
  return read === null ? null : tiyn(read)
}

/** The keys that the screen shows work wherever the hands are, also inside a field. */
const anywhere: string[] = []

const onward = (event: Keys, next: () => void) => {
  if (event.key !== 'Enter') return
  event.preventDefault()
  next()
}

export function Till({ desk, shift, blocked, moved }: { desk: Desk; shift: Shift; blocked: string | null; moved: () => void }) {
  const t = useT()
  const format = useFormat()
  const client = useClient()
  const say = useSay()
  const today = useToday()
  const { login } = useViewer()
  const [lines, setLines] = useState<readonly Line[]>([])
  const [card, setCard] = useState('')
  const [given, setGiven] = useState('')
  const [key, setKey] = useState(newKey)
  const [waiting, setWaiting] = useState<Pending | null>(() => kept(login))
  const [refused, setRefused] = useState<string | null>(null)
  const [done, setDone] = useState<Done | null>(null)
  const [tries, setTries] = useState(0)
  const find = useRef<HTMLInputElement>(null)
  const cardField = useRef<HTMLInputElement>(null)
  const givenField = useRef<HTMLInputElement>(null)
  const amounts = useRef(new Map<string, HTMLInputElement>())
  /** Whose line has just come: its sum is typed next. */
  const fresh = useRef<string | null>(null)
  const sending = useRef(false)

  const unit = tiyn(shift.cashUnit ?? '1.00')
  const sums = lines.map((line) => sum(line.amount))
  const byCard = card.trim() ? sum(card) : 0n
  const handed = given.trim() ? sum(given) : null
  const readable = sums.every((one) => one !== null && one > 0n) && byCard !== null && (!given.trim() || handed !== null)
  const paid = useMemo(
    () => tender(sums.map((one) => one ?? 0n), byCard ?? 0n, handed, unit),
    // The texts are what the sums are made of.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [lines, card, given, unit],
  )
  const ready = lines.length > 0 && readable && paid.problem === null && !blocked && !waiting
  const toAmount = (payer: string) => {
    const field = amounts.current.get(payer)
    field?.focus()
    field?.select()
  }
  // The field of a new line is there when the line is drawn, and not before.
  useEffect(() => {
    if (!fresh.current) return
    toAmount(fresh.current)
    fresh.current = null
  }, [lines])
  const toFind = () => setTimeout(() => find.current?.focus(), 0)

  const empty = useCallback(() => {
    setLines([])
    setCard('')
    setGiven('')
    setRefused(null)
    setKey(newKey())
    setTimeout(() => find.current?.focus(), 0)
  }, [])

  // One question at a time, under the same key, until the server has said what became of the payment.
  const ask = useCallback(async (pending: Pending) => {
    if (sending.current) return
    sending.current = true
    const answer = heard<Done>(await client.mutation(payMutation, { input: pending.input }).toPromise())
    sending.current = false
    if (answer.is === 'unknown') {
      setWaiting(pending)
      setTries((count) => count + 1)
      return
    }
    settled(login)
    setWaiting(null)
    setTries(0)
    if (answer.is === 'refused') setRefused(answer.message)
    else {
      setDone(answer.operation)
      empty()
    }
    moved()
  }, [client, login, empty, moved])

  // Also after a reload: what was on its way when the page was left.
  useEffect(() => {
    if (!waiting) return
    let here = true
    void pause(tries === 0 ? 0 : Math.min(1_000 * 2 ** Math.min(tries, 3), 8_000)).then(() => { if (here) void ask(waiting) })
    return () => { here = false }
  }, [waiting, tries, ask])

  const take = useCallback(() => {
    if (!ready || sending.current) return
    const pending: Pending = {
      input: {
        deskId: desk.id, shiftId: shift.id, day: today, idempotencyKey: key, card: exact(byCard ?? 0n), given: handed === null ? null : exact(handed),
        lines: lines.map((line) => ({ accountId: line.payer.id, amount: exact(sum(line.amount)!), target: targetOf(line.target) })),
      },
      shown: { numbers: lines.map((line) => line.payer.number), cash: exact(paid.cash), card: exact(paid.card), change: exact(paid.change) },
      at: new Date().toISOString(),
    }
    // Kept first: from here on the money is in the drawer, whatever becomes of the line.
    keep(login, pending)
    setRefused(null)
    setWaiting(pending)
  }, [ready, desk.id, shift.id, today, key, byCard, handed, lines, paid, login])

  const add = (payer: Payer, amount: string | null) => {
    setDone(null)
    setRefused(null)
    const known = lines.some((line) => line.payer.id === payer.id)
    if (!known) setLines([...lines, { payer, amount: amount ?? (/[1-9]/.test(payer.owed) ? payer.owed : ''), target: '' }])
    if (known) toAmount(payer.id)
    else fresh.current = payer.id
  }
  const change = (payer: Payer, of: Partial<Line>) => setLines((now) => now.map((one) => (one.payer.id === payer.id ? { ...one, ...of } : one)))
  const drop = (payer: Payer) => {
    setLines(lines.filter((line) => line.payer.id !== payer.id))
    toFind()
  }
  const allByCard = () => {
    setCard(exact(paid.total))
    setGiven('')
    setTimeout(() => cardField.current?.focus(), 0)
  }
  const back = () => {
    if (done) { setDone(null); toFind() }
    else if (document.activeElement !== find.current && lines.length > 0) toFind()
    else if (lines.length > 0 && !waiting) empty()
  }
  const slip = () => { if (done?.slipPath) void save(done.slipPath).then((ok) => { if (!ok) say(t('made.failed')) }) }

  useHotkeys([
    ['F2', () => { setDone(null); toFind() }], ['F4', allByCard], ['F8', slip], ['F9', take], ['Escape', back],
  ], anywhere)

  const toGiven = () => { givenField.current?.focus(); givenField.current?.select() }
  const problem = lines.length > 0 && readable && paid.problem && paid.problem !== 'nothing' ? t(`cash.problem.${paid.problem}`, { due: format.money(exact(paid.cash)) }) : null

  return (
    <Stack gap="md">
      {waiting && tries > 0 && (
        <Alert color="orange" role="alert" icon={<IconAlert />} title={t('cash.lost')}>
          <Text>{t('cash.lostText', { numbers: waiting.shown.numbers.join(', '), cash: format.money(waiting.shown.cash), card: format.money(waiting.shown.card) })}</Text>
          <Group mt="xs"><Button size="sm" variant="default" onClick={() => void ask(waiting)}>{t('cash.askNow')}</Button><Text size="sm" c="dimmed">{t('cash.asksItself')}</Text></Group>
        </Alert>
      )}
      {blocked && <Alert color="red" role="alert" icon={<IconAlert />}>{blocked}</Alert>}
      <Paper withBorder p="lg" component="section" aria-label={t('cash.receipt')}>
        <Find field={find} take={add} disabled={Boolean(waiting) || Boolean(blocked)} />
        {done && lines.length === 0 ? <DoneView done={done} slip={slip} next={() => { setDone(null); toFind() }} /> : lines.length === 0 ? (
          <Text c="dimmed" ta="center" py="xl" fz="lg">{t('cash.start')}</Text>
        ) : (
          <>
            {lines.map((line, at) => (
              <div key={line.payer.id} className="cash-line">
                <div style={{ minWidth: 0 }}>
                  <b>{line.payer.number}</b>
                  {line.payer.status !== 'ACTIVE' && <> <Chip tone="warn">{t(`enum.AccountStatus.${line.payer.status}`)}</Chip></>}
                  <Text>{line.payer.holder?.name ?? t('palette.nobody')}</Text>
                  <Text size="sm" c="dimmed">{line.payer.address}</Text>
                  <Text size="sm" c="dimmed">{/[1-9]/.test(line.payer.advance) && !/[1-9]/.test(line.payer.owed) ? t('cash.ahead', { sum: format.money(line.payer.advance) }) : t('cash.owes', { sum: format.money(line.payer.owed) })}</Text>
                  <ForWhat line={line} set={(target) => change(line.payer, { target })} disabled={Boolean(waiting)} />
                </div>
                <TextInput
                  ref={(field) => { if (field) amounts.current.set(line.payer.id, field); else amounts.current.delete(line.payer.id) }}
                  aria-label={t('cash.amountFor', { number: line.payer.number })} inputMode="decimal" value={line.amount} error={sums[at] === null || sums[at]! <= 0n}
                  onChange={(event) => change(line.payer, { amount: event.currentTarget.value })}
                  onKeyDown={(event) => onward(event, toGiven)} disabled={Boolean(waiting)}
                />
                <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('cash.drop', { number: line.payer.number })} onClick={() => drop(line.payer)} disabled={Boolean(waiting)}>×</ActionIcon>
              </div>
            ))}
            <Stack gap="sm" mt="md">
              <div className="cash-sum"><span>{t('cash.total')}</span><b data-testid="cash-total">{format.money(exact(paid.total))}</b></div>
              <div className="cash-tender">
                <TextInput
                  ref={cardField} label={<>{t('cash.byCard')} <Key name="F4" /></>} inputMode="decimal" placeholder="0,00" value={card} error={byCard === null || paid.problem === 'card'}
                  onChange={(event) => setCard(event.currentTarget.value)} onKeyDown={(event) => onward(event, () => (ready && paid.cash === 0n ? take() : toGiven()))} disabled={Boolean(waiting)}
                />
                <TextInput label={t('cash.dueCash')} value={format.amount(exact(paid.cash))} readOnly tabIndex={-1} variant="filled" />
                <TextInput
                  ref={givenField} label={t('cash.given')} inputMode="decimal" placeholder={format.amount(exact(paid.cash))} value={given} error={(given.trim() !== '' && handed === null) || paid.problem === 'little' || paid.problem === 'no_cash'}
                  onChange={(event) => setGiven(event.currentTarget.value)} onKeyDown={(event) => onward(event, take)} disabled={Boolean(waiting)}
                />
              </div>
              {paid.rounding !== 0n && <Text size="sm" c="dimmed">{t('cash.rounding', { sum: format.money(exact(paid.rounding)) })}</Text>}
              <div className="cash-change" role="status" {...(paid.change === 0n ? { 'data-none': true } : {})}>
                <span>{t('cash.change')}</span><b data-testid="cash-change">{format.money(exact(paid.change))}</b>
              </div>
              {problem && <Text c="var(--bad)" fw={600} role="status">{problem}</Text>}
              {refused && <Refusals errors={[{ code: '', message: refused }]} />}
              <Group justify="space-between" gap="sm">
                <div className="cash-keys">
                  <span><kbd>F2</kbd> {t('cash.keyFind')}</span><span><kbd>Enter</kbd> {t('cash.keyOn')}</span><span><kbd>F4</kbd> {t('cash.keyCard')}</span><span><kbd>F9</kbd> {t('cash.keyTake')}</span><span><kbd>Esc</kbd> {t('cash.keyBack')}</span>
                </div>
                <Button size="lg" onClick={take} disabled={!ready} loading={Boolean(waiting)} rightSection={<Key name="F9" />}>{t('cash.take')}</Button>
              </Group>
            </Stack>
          </>
        )}
        {refused && lines.length === 0 && <Refusals errors={[{ code: '', message: refused }]} />}
      </Paper>
    </Stack>
  )
}

/** Most pay for everything: the choice stands aside, out of the way of the keys. */
function ForWhat({ line, set, disabled }: { line: Line; set: (target: string) => void; disabled: boolean }) {
  const t = useT()
  const { choices } = useTargets(line.payer.id)
  return (
    <NativeSelect
      mt={6} size="xs" maw={280} aria-label={t('cash.forWhat', { number: line.payer.number })} value={line.target} data={choices} disabled={disabled}
      onChange={(event) => set(event.currentTarget.value)}
    />
  )
}

function DoneView({ done, slip, next }: { done: Done; slip: () => void; next: () => void }) {
  const t = useT()
  const format = useFormat()
  return (
    <div className="cash-done" role="status" data-testid="cash-done">
      <h2>{t('cash.taken', { sum: format.money(exact(tiyn(done.cash) + tiyn(done.card))) })}</h2>
      <Text c="dimmed" mt={4}>
        {done.lines.map((line) => line.account.number).join(', ')}
        {' · '}{t('cash.byMeans', { cash: format.money(done.cash), card: format.money(done.card) })}
      </Text>
      <div className="cash-change" {...(/[1-9]/.test(done.change) ? {} : { 'data-none': true })}><span>{t('cash.change')}</span><b>{format.money(done.change)}</b></div>
      <Group justify="center" mt="md" gap="sm">
        {done.receipt && <FiscalChip state={done.receipt.state} />}
        {done.receipt?.checkNumber && <Text className="tab">{t('cash.fiscalSign', { number: done.receipt.checkNumber })}</Text>}
        {done.receipt?.error && <Text c="var(--warn)" size="sm">{done.receipt.error}</Text>}
      </Group>
      <Group justify="center" mt="md">
        <Button variant="default" size="md" onClick={slip} rightSection={<Key name="F8" />}>{t('cash.slip')}</Button>
        <Button size="md" onClick={next} rightSection={<Key name="F2" />}>{t('cash.next')}</Button>
      </Group>
    </div>
  )
}
