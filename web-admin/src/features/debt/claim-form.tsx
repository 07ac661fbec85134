// A claim is looked at before it is prepared: every open item with what can be claimed of it, its penalty, the day its time runs out.
import { useMemo, useState } from 'react'
import { Alert, Checkbox, Group, Stack, Switch, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, ChoiceField, DataTable, Empty, FieldRow, Figures, FormView, Refusals, TextField, useAct, useForm, useFormat, useSay, type Picked } from '@aiscra/ui'
import { graphql, type ClaimInput, type ClaimKind, type ClaimSeenQuery } from '../../gql'
import { useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'
import { claimKinds } from './parts'

const seenQuery = graphql(`
  query ClaimSeen($input: ClaimInput!) {
    claimPreview(input: $input) {
      preview {
        amount least penaltyReached stopsPenalty debtor { id name } parts { component amount }
        items { openItemId service component origin dueOn rest amount unclaimable reckoned expiresOn }
      }
      errors { code field message }
    }
  }
`)
const prepare = graphql(`
  mutation ClaimPrepare($input: ClaimPrepareInput!) { claimPrepare(input: $input) { claim { id } errors { code field message } } }
`)

type Seen = NonNullable<ClaimSeenQuery['claimPreview']['preview']>
type Item = Seen['items'][number]

/** Before any month there was. */
const ever = '2000-01'

export function PrepareForm({ account, close, done }: { account: string; close: () => void; done: () => void }) {
  const t = useT()
  const today = useToday()
  const navigate = useNavigate()
  const say = useSay()
  // Until something is chosen, all that can be claimed is.
  const [chosen, setChosen] = useState<readonly string[] | null>(null)
  const [upTo, setUpTo] = useState<string | null>(null)
  const what = useMemo(
    () => ({ accountId: account, penaltyUpTo: upTo, ...(chosen ? { items: [...chosen] } : { from: ever, to: today.slice(0, 7) }) }),
    [account, chosen, today, upTo],
  )
  const form = useForm({
    act: useAct(prepare),
    start: { kind: 'COURT', on: today, note: '', document: null as Picked | null },
    input: (read, values) => {
      const on = read.text('on')
      if (on > today) read.refuse('on', t('debt.notYet'))
      const claim: ClaimInput = { ...what, kind: values.kind as ClaimKind }
      return { claim, on, note: read.optional('note'), documentId: read.picked('document') }
    },
    done: (payload) => {
      close()
      done()
      say(t('debt.claimPrepared'))
      if (payload.claim) void navigate({ to: '/debt/claims/$id', params: { id: payload.claim.id } })
    },
  })
  const input: ClaimInput = { ...what, kind: form.values.kind as ClaimKind }
  const [result, refetch] = useQuery({ query: seenQuery, variables: { input }, requestPolicy: 'cache-and-network' })
  return (
    <FormView form={form} submit={t('debt.claimPrepare')} cancel={close}>
      <Text size="sm" c="dimmed">{t('debt.claimText')}</Text>
      <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })} lines={8}>
        {({ claimPreview: { preview, errors } }) => preview ? (
          <Looked seen={preview} kind={input.kind} upTo={upTo} setUpTo={setUpTo} choose={setChosen} />
        ) : <Refusals errors={errors} />}
      </Answer>
      <FieldRow>
        <ChoiceField name="kind" label={t('debt.claimKind')} choices={claimKinds.map((value) => ({ value, label: t(`enum.ClaimKind.${value}`) }))} />
        <TextField name="on" label={t('debt.fixedOn')} kind="date" required />
      </FieldRow>
      <DocumentField name="document" required />
      <TextField name="note" label={t('debt.note')} kind="long" />
    </FormView>
  )
}

const takes = (one: Item) => !one.unclaimable && Number(one.rest) > 0

function Looked({ seen, kind, upTo, setUpTo, choose }: { seen: Seen; kind: ClaimKind; upTo: string | null; setUpTo: (day: string | null) => void; choose: (ids: readonly string[]) => void }) {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const chosen = seen.items.filter((one) => Number(one.amount) > 0 && !one.reckoned).map((one) => one.openItemId)
  const free = seen.items.filter((one) => takes(one) && !one.reckoned)
  const toggle = (id: string) => choose(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id])
  const all = free.length > 0 && free.every((one) => chosen.includes(one.openItemId))
  const small = kind !== 'BANKRUPTCY' && Number(seen.amount) < Number(seen.least)
  return (
    <Stack gap="sm">
      <Figures
        large
        rows={[
          { label: t('debt.debtor'), value: seen.debtor.name },
          { label: t('debt.toClaim'), value: format.money(seen.amount), note: seen.parts.map((part) => `${t(`enum.Component.${part.component}`)} ${format.money(part.amount)}`).join(' · ') },
          { label: t('debt.penalty'), value: seen.penaltyReached ? t('debt.reckonedTo', { date: format.shortDate(seen.penaltyReached) }) : t('debt.notReckoned'), note: seen.stopsPenalty ? t('debt.penaltyRests') : t('debt.penaltyGoesOn') },
        ]}
      />
      {small && Number(seen.amount) > 0 && <Alert color="yellow">{t('debt.belowLeast', { sum: format.money(seen.least) })}</Alert>}
      {seen.penaltyReached && (
        <Switch
          label={t('debt.withPenalty', { date: format.shortDate(seen.penaltyReached) })} checked={upTo !== null}
          onChange={(event) => setUpTo(event.currentTarget.checked ? seen.penaltyReached! : null)}
        />
      )}
      <div style={{ maxHeight: 360, overflowY: 'auto' }}>
        <DataTable
          caption={t('debt.claimItems')} rows={seen.items} rowKey={(one) => one.openItemId} empty={<Empty title={t('debt.noDebt')} />}
          columns={[
            {
              key: 'pick', width: 40, head: <Checkbox aria-label={t('debt.chooseAll')} checked={all} indeterminate={!all && chosen.length > 0} onChange={() => choose(all ? [] : free.map((one) => one.openItemId))} />,
              cell: (one) => !one.reckoned && <Checkbox aria-label={`${t('debt.choose')}: ${format.period(one.origin)}, ${t(`enum.Service.${one.service}`)}`} disabled={!takes(one)} checked={chosen.includes(one.openItemId)} onChange={() => toggle(one.openItemId)} />,
            },
            { key: 'origin', head: t('common.period'), cell: (one) => format.period(one.origin) },
            { key: 'what', head: t('debt.what'), cell: (one) => <div>{t(`enum.Service.${one.service}`)}<Text size="xs" c="dimmed">{t(`enum.Component.${one.component}`)}</Text></div> },
            {
              key: 'expires', head: t('debt.limitation'),
              cell: (one) => <span className="tab" style={one.expiresOn < today ? { color: 'var(--bad)', fontWeight: 600 } : {}}>{format.shortDate(one.expiresOn)}</span>,
            },
            { key: 'rest', head: t('debt.owed'), numeric: true, cell: (one) => format.money(one.rest) },
            {
              key: 'amount', head: t('debt.toClaim'), numeric: true, total: format.money(seen.amount),
              cell: (one) => Number(one.amount) > 0 ? <b>{format.money(one.amount)}</b> : one.unclaimable ? <Text size="xs" c="dimmed" component="span">{t(`enum.Unclaimable.${one.unclaimable}`)}</Text> : '—',
            },
          ]}
        />
      </div>
      {chosen.length === 0 && <Group><Text size="sm" c="dimmed">{t('debt.chooseItems')}</Text></Group>}
    </Stack>
  )
}
