// Counting and closing. The notes and coins first, blind; only then what was expected. A second person signs here, or in a session of
// their own; a difference wants a reason; then Z.
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { Alert, Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from 'urql'
import { Answer, Chip, Figures, IconAlert, IconCheck, Problem, Refusals, errorOf, useAct, useFormat, useSay } from '@aiscra/ui'
import type { DenominationsQuery } from '../../gql'
import { save } from '../../lib/client'
import { useToday } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { closeMutation, countMutation, denominationsQuery } from './graph'
import type { Shift } from './parts'
import { exact, tiyn } from './tender'

type Denomination = DenominationsQuery['denominations'][number]

export function CloseShift({ shift, again, close }: { shift: Shift; again: () => void; close: () => void }) {
  const [anew, setAnew] = useState(false)
  const last = shift.counts[0]
  const fresh = last?.kind === 'CLOSING' && !anew && shift.turnover.expected !== null ? last : null
  if (fresh) return <Closing shift={shift} count={fresh} again={again} close={close} anew={() => setAnew(true)} />
  return <CountForm shift={shift} kind="CLOSING" close={close} done={() => { setAnew(false); again() }} />
}

/** Notes and coins with their pieces, and the witness. */
export function CountForm({ shift, kind, close, done }: { shift: Shift; kind: 'CHECK' | 'CLOSING'; close: () => void; done: () => void }) {
  const [result, retry] = useQuery({ query: denominationsQuery })
  const today = useToday()
  return (
    <Answer result={result} retry={() => retry({ requestPolicy: 'network-only' })}>
      {({ denominations }) => <Counting shift={shift} kind={kind} known={denominations.filter((one) => one.from <= today && (!one.to || one.to >= today))} close={close} done={done} />}
    </Answer>
  )
}

function Counting({ shift, kind, known, close, done }: { shift: Shift; kind: 'CHECK' | 'CLOSING'; known: readonly Denomination[]; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const act = useAct(countMutation)
  const [pieces, setPieces] = useState<Record<string, string>>({})
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [bad, setBad] = useState<string | null>(null)
  const fields = useRef(new Map<string, HTMLInputElement>())
  const witness = useRef<HTMLInputElement>(null)
  useEffect(() => { const first = known[0]; if (first) setTimeout(() => fields.current.get(first.id)?.focus(), 60) }, [known])
  const number = (id: string) => (/^\d{1,6}$/.test((pieces[id] ?? '').trim()) ? BigInt(pieces[id]!.trim()) : 0n)
  const total = known.reduce((sum, one) => sum + tiyn(one.value) * number(one.id), 0n)
  const onward = (event: KeyboardEvent, at: number) => {
    const step = event.key === 'Enter' || event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (!step) return
    event.preventDefault()
    const next = known[at + step]
    if (next) fields.current.get(next.id)?.focus()
    else if (step > 0) witness.current?.focus()
  }
  const count = async () => {
    const wrong = known.find((one) => (pieces[one.id] ?? '').trim() !== '' && !/^\d{1,6}$/.test(pieces[one.id]!.trim()))
    setBad(wrong?.id ?? null)
    if (wrong) return fields.current.get(wrong.id)?.focus()
    const payload = await act.run({
      shiftId: shift.id, kind, rows: known.filter((one) => number(one.id) > 0n).map((one) => ({ denominationId: one.id, pieces: Number(number(one.id)) })),
      witness: login.trim() ? { login: login.trim(), password, code: code.trim() || null } : null,
    })
    if (payload) done()
  }
  const value = (one: Denomination) => format.decimal(one.value) + (one.design ? ` · ${one.design}` : '')
  const asksCode = act.errors.some((one) => one.code === 'SECOND_FACTOR_REQUIRED' || one.code === 'SECOND_FACTOR_WRONG')
  return (
    <form onSubmit={(event) => { event.preventDefault(); void count() }} noValidate>
      <Stack gap="md">
        <Text>{t('cash.countText')}</Text>
        <div className="cash-count">
          {known.map((one, at) => (
            <div key={one.id}>
              <label htmlFor={one.id}>{value(one)} {one.kind === 'COIN' && <Text span size="xs" c="dimmed">{t('cash.coin')}</Text>}</label>
              <TextInput
                id={one.id} ref={(field) => { if (field) fields.current.set(one.id, field); else fields.current.delete(one.id) }} inputMode="numeric" placeholder="0" size="md"
                value={pieces[one.id] ?? ''} error={bad === one.id} onChange={(event) => setPieces({ ...pieces, [one.id]: event.currentTarget.value })} onKeyDown={(event) => onward(event, at)}
              />
              <Text className="tab" c="dimmed" ta="right">{number(one.id) > 0n ? format.money(exact(tiyn(one.value) * number(one.id))) : ''}</Text>
            </div>
          ))}
        </div>
        <div className="cash-sum"><span>{t('cash.counted')}</span><b data-testid="cash-counted">{format.money(exact(total))}</b></div>
        <Text fw={600}>{t('cash.witness')}</Text>
        <Text size="sm" c="dimmed" mt={-10}>{t('cash.witnessText')}</Text>
        <div className="field-row">
          <TextInput ref={witness} label={t('access.login')} autoComplete="off" value={login} onChange={(event) => setLogin(event.currentTarget.value)} />
          <PasswordInput label={t('access.password')} autoComplete="new-password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': t('cash.reveal') }} />
          {asksCode && <TextInput label={t('cash.code')} autoComplete="off" value={code} error={errorOf(act.errors, 'code')} onChange={(event) => setCode(event.currentTarget.value)} />}
        </div>
        <Refusals errors={act.errors} shown={['code']} />
        {act.broken && <Problem error={act.broken} />}
        <Group justify="flex-end"><Button variant="default" onClick={close}>{t('common.cancel')}</Button><Button type="submit" loading={act.busy}>{t('cash.countDone')}</Button></Group>
      </Stack>
    </form>
  )
}

/** What was counted against what was expected; Z once it is signed. */
function Closing({ shift, count, again, close, anew }: { shift: Shift; count: Shift['counts'][number]; again: () => void; close: () => void; anew: () => void }) {
  const t = useT()
  const format = useFormat()
  const say = useSay()
  const codes = useCodes()
  const act = useAct(closeMutation)
  const [reason, setReason] = useState('')
  const difference = count.difference ?? '0.00'
  const even = !/[1-9]/.test(difference)
  const short = difference.startsWith('-')
  // Somebody signs elsewhere: seen here without asking.
  useEffect(() => {
    if (count.witness) return
    const timer = setInterval(again, 2_000)
    return () => clearInterval(timer)
  }, [count.witness, again])
  const finish = async () => {
    const payload = await act.run({ id: shift.id, countId: count.id, reason: reason.trim() || null })
    if (!payload?.shift) return
    say(t('cash.wasClosed', { number: payload.shift.number }))
    if (payload.shift.paperPath) void save(payload.shift.paperPath)
    close()
    again()
  }
  return (
    <Stack>
      <Figures
        large rows={[
          { label: t('cash.counted'), value: format.money(count.total) },
          { label: t('cash.expected'), value: count.expected === null ? '—' : format.money(count.expected) },
          { label: t('cash.difference'), value: <span style={even ? {} : { color: 'var(--bad)' }}>{format.money(difference)}</span>, note: even ? t('cash.even') : t(short ? 'cash.shortage' : 'cash.surplus') },
        ]}
      />
      {count.witness
        ? <Group gap="xs"><Chip tone="good">{t('cash.signedBy', { name: codes.actor(count.witness) })}</Chip></Group>
        : <Alert color="orange" role="status" icon={<IconAlert />}>{t('cash.waitsForWitness')}</Alert>}
      {!even && <TextInput data-autofocus label={t('cash.whyDifference')} required value={reason} error={errorOf(act.errors, 'reason')} onChange={(event) => setReason(event.currentTarget.value)} />}
      <Refusals errors={act.errors} shown={['reason']} />
      {act.broken && <Problem error={act.broken} />}
      <Group justify="space-between">
        <Button variant="subtle" onClick={anew}>{t('cash.countAgain')}</Button>
        <Group gap="sm">
          <Button variant="default" onClick={close}>{t('common.cancel')}</Button>
          <Button leftSection={<IconCheck size={16} />} disabled={!count.witness || (!even && !reason.trim())} loading={act.busy} onClick={() => void finish()}>{t('cash.closeShift')}</Button>
        </Group>
      </Group>
    </Stack>
  )
}
