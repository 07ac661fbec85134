// Claims of notaries, courts and bankruptcies: where each stands and what was paid of it; whose debts are old enough to be claimed.
import { useState } from 'react'
import { Group, NativeSelect, Progress, Stack, Switch, Text, TextInput } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Chip, DialogButton, Empty, PagedTable, Section, parseDecimal, useFormat, usePages } from '@aiscra/ui'
import { graphql, type ClaimKind, type ClaimState, type Sector } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { addUp } from '../../lib/sums'
import { useExport } from '../platform/made'
import { PrepareForm } from './claim-form'
import { AccountCell, DebtHead, claimKinds, sectors, share, toneOf } from './parts'

const query = graphql(`
  query Claims($kind: ClaimKind, $state: ClaimState, $live: Boolean, $sector: Sector, $after: String) {
    claims(kind: $kind, state: $state, live: $live, sector: $sector, first: 50, after: $after) {
      nodes { id number kind state stateOn authority caseNumber amount paid rest costsAmount costsRest account { id number } debtor { id name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const candidatesQuery = graphql(`
  query ClaimCandidates($days: Int, $least: Money, $sector: Sector, $after: String) {
    claimCandidates(days: $days, least: $least, sector: $sector, first: 20, after: $after) {
      nodes { owed months oldest account { id number address holder { id name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const termsQuery = graphql(`
  query ClaimTerms { claimTerms { days least } }
`)

const states: ClaimState[] = [
  'PREPARED', 'DEMANDED', 'FILED', 'RETURNED', 'GRANTED', 'REFUSED', 'ANNULLED', 'ENFORCED', 'IMPOSSIBLE', 'ACCEPTED', 'SETTLED', 'SATISFIED', 'WRITTEN_OFF', 'WITHDRAWN',
]
const route = getRouteApi('/debt/claims')

export function ClaimsPage() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const { kind, state, sector, over } = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: { kind?: ClaimKind | undefined; state?: ClaimState | undefined; sector?: Sector | undefined; over?: true | undefined }) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  // A state that is asked for is shown whether it is over or not.
  const wanted = { kind: kind ?? null, state: state ?? null, live: !over && !state, sector: sector ?? null }
  const pages = usePages(query, wanted, (data) => data.claims)
  const exporting = useExport({ claims: wanted })
  return (
    <>
      <DebtHead title={t('debt.claims')} lead={t('debt.claimsLead')} look={pages.refresh} />
      <Stack>
        <Section title={t('debt.claimList')} flush>
          <Group p="md" gap="sm" align="flex-end">
            <NativeSelect
              label={t('debt.claimKind')} value={kind ?? ''} onChange={(event) => set({ kind: (event.currentTarget.value || undefined) as ClaimKind | undefined })}
              data={[{ value: '', label: t('common.all') }, ...claimKinds.map((value) => ({ value, label: t(`enum.ClaimKind.${value}`) }))]}
            />
            <NativeSelect
              label={t('common.state')} value={state ?? ''} onChange={(event) => set({ state: (event.currentTarget.value || undefined) as ClaimState | undefined })}
              data={[{ value: '', label: t('common.all') }, ...states.map((value) => ({ value, label: t(`enum.ClaimState.${value}`) }))]}
            />
            <NativeSelect
              label={t('common.sector')} value={sector ?? ''} onChange={(event) => set({ sector: (event.currentTarget.value || undefined) as Sector | undefined })}
              data={[{ value: '', label: t('common.all') }, ...sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))]}
            />
            <Switch label={t('debt.claimsOver')} checked={over ?? false} onChange={(event) => set({ over: event.currentTarget.checked || undefined })} />
          </Group>
          <PagedTable
            caption={t('debt.claimList')} pages={pages} rowKey={(row) => row.id} exporting={can('JOB_READ') ? exporting : undefined} remember="claims"
            empty={<Empty title={t('debt.noClaims')}>{t(kind || state || sector ? 'debt.noClaimsHere' : 'debt.noClaimsText')}</Empty>}
            columns={[
              { key: 'number', head: t('debt.claimNumber'), fixed: true, cell: (row) => <div><Link className="row-link tab" to="/debt/claims/$id" params={{ id: row.id }}>{`№\u00a0${row.number}`}</Link><Text size="xs" c="dimmed">{t(`enum.ClaimKind.${row.kind}`)}</Text></div> },
              { key: 'debtor', head: t('debt.debtor'), cell: (row) => <div>{row.debtor.name}<div><Link className="row-link tab" to="/accounts/$number" params={{ number: row.account.number }} search={{ tab: 'debt' }}>{row.account.number}</Link></div></div> },
              { key: 'state', head: t('common.state'), cell: (row) => <div><Chip tone={toneOf(row.state)}>{t(`enum.ClaimState.${row.state}`)}</Chip><Text size="xs" c="dimmed" className="tab">{format.shortDate(row.stateOn)}</Text></div> },
              { key: 'authority', head: t('debt.authority'), cell: (row) => row.authority ? <div>{row.authority}{row.caseNumber && <Text size="xs" c="dimmed" className="tab">{row.caseNumber}</Text>}</div> : '—' },
              { key: 'amount', head: t('debt.claimed'), numeric: true, cell: (row) => <div>{format.money(row.amount)}{Number(row.costsAmount) > 0 && <Text size="xs" c="dimmed">{t('debt.andCosts', { sum: format.money(row.costsAmount) })}</Text>}</div> },
              { key: 'paid', head: t('debt.settled'), numeric: true, cell: (row) => <div>{format.money(row.paid)}<Progress size={5} mt={5} value={share(row.paid, row.amount)} aria-label={t('debt.settled')} /></div> },
              { key: 'rest', head: t('debt.left'), numeric: true, fixed: true, cell: (row) => <b>{format.money(addUp([row.rest, row.costsRest]))}</b> },
            ]}
          />
        </Section>
        <Candidates sector={sector} done={pages.refresh} />
      </Stack>
    </>
  )
}

/** Debts older than so many days and above a sum; neither disputed, nor paid by instalments, nor claimed. */
function Candidates({ sector, done }: { sector: Sector | undefined; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const [{ data }] = useQuery({ query: termsQuery })
  const [days, setDays] = useState('')
  const [least, setLeast] = useState('')
  const [asked, setAsked] = useState<{ days: number | null; least: string | null }>({ days: null, least: null })
  const pages = usePages(candidatesQuery, { ...asked, sector: sector ?? null }, (answer) => answer.claimCandidates)
  const exact = parseDecimal(least, 2)
  const look = () => setAsked({ days: /^\d{1,4}$/.test(days) ? Math.min(3660, Number(days)) : null, least: exact })
  const ready = { onBlur: look, onKeyDown: (event: { key: string }) => { if (event.key === 'Enter') look() } }
  const terms = data?.claimTerms
  return (
    <Section title={t('debt.candidates')} flush>
      <Group p="md" gap="sm" align="flex-end">
        <TextInput label={t('debt.olderThan')} inputMode="numeric" w={200} value={days} placeholder={terms?.days == null ? '' : String(terms.days)} onChange={(event) => setDays(event.currentTarget.value)} {...ready} />
        <TextInput label={t('debt.fromSum')} inputMode="decimal" w={170} value={least} placeholder={terms?.least ? format.money(terms.least) : ''} onChange={(event) => setLeast(event.currentTarget.value)} {...ready} />
        <Text size="sm" c="dimmed" flex="1 1 240px">{t('debt.candidatesText')}</Text>
      </Group>
      <PagedTable
        caption={t('debt.candidates')} pages={pages} rowKey={(row) => row.account.id} empty={<Empty title={t('debt.noCandidates')}>{t('debt.noCandidatesText')}</Empty>}
        columns={[
          { key: 'account', head: t('debt.debtor'), cell: (row) => <AccountCell account={row.account} /> },
          { key: 'oldest', head: t('debt.oldest'), cell: (row) => <span className="tab">{format.shortDate(row.oldest)}</span> },
          { key: 'months', head: t('debt.unpaidMonths'), numeric: true, cell: (row) => format.count(row.months) },
          { key: 'owed', head: t('debt.owed'), numeric: true, cell: (row) => <b>{format.money(row.owed)}</b> },
          {
            key: 'acts', head: <span className="unseen">{t('common.acts')}</span>, numeric: true,
            cell: (row) => can('DEBT_CLAIM') && (
              <DialogButton label={t('debt.claimPrepare')} title={t('debt.claimOf', { account: row.account.number })} buttonSize="compact-sm" size="70rem">
                {(close) => <PrepareForm account={row.account.id} close={close} done={() => { pages.refresh(); done() }} />}
              </DialogButton>
            ),
          },
        ]}
      />
    </Section>
  )
}
