// A new scenario: a list of changes, each beside what is in force now; kept under a name and reckoned in the background.
import { useRef, useState, type FormEvent } from 'react'
import { ActionIcon, Alert, Button, Checkbox, Group, NativeSelect, Paper, Stack, Text, TextInput, Textarea } from '@mantine/core'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Empty, IconBack, IconPlus, PageHead, Problem, Refusals, Section, newKey, parseDecimal, useAct, useFormat } from '@aiscra/ui'
import { graphql, type Amenity, type BandMode, type ConsumerGroup, type ScenarioBookQuery, type ScenarioChangeInput, type ScenarioSourceQuery, type Sector, type Service } from '../../gql'
import { amenities } from '../../lib/amenities'
import { useToday, useViewer } from '../../lib/can'
import { useT, type Key } from '../../lib/i18n'

const bookQuery = graphql(`
  query ScenarioBook($on: Date) {
    prices(on: $on) { id service consumerGroup net confirmedBy }
    norms(on: $on) { id amenity service volume }
    vatRates { id rate from to }
    settings(first: 100) { nodes { id code name value from to confirmedBy } }
    periods(first: 36) { nodes { id period } }
  }
`)
const sourceQuery = graphql(`
  query ScenarioSource($id: ID!) {
    scenario(id: $id) { id name note period sectors keepsAccounts changes { from service consumerGroup amenity setting mode bands value } }
  }
`)
const createMutation = graphql(`
  mutation ScenarioCreate($input: ScenarioCreateInput!) { scenarioCreate(input: $input) { scenario { id } errors { code field message } } }
`)

const kinds = ['price', 'norm', 'bands', 'suspension', 'vat', 'setting', 'freeze'] as const
type Kind = (typeof kinds)[number]
const kindWords: Record<Kind, Key> = {
  price: 'scenario.kind.price', norm: 'scenario.kind.norm', bands: 'scenario.kind.bands', suspension: 'scenario.kind.suspension',
  vat: 'scenario.kind.vat', setting: 'scenario.kind.setting', freeze: 'scenario.kind.freeze',
}
const services: Service[] = ['WATER', 'SEWERAGE_COLD', 'SEWERAGE_HOT']
const groups: ConsumerGroup[] = ['POPULATION', 'OTHER', 'BUDGET']
const allSectors: Sector[] = ['MULTI', 'PRIVATE', 'LEGAL']
/** Settings that decide what a month is charged; the server refuses any other. */
const codes = [
  'consumption.average_months', 'consumption.average_limit_months', 'consumption.meter_away_months', 'consumption.legal_unmeasured', 'consumption.norm_inlets',
  'consumption.no_access', 'consumption.zero_residents_as', 'consumption.watering_season', 'consumption.pipe_velocity', 'consumption.capacity_covers',
  'billing.rounding.legal', 'billing.rounding.private', 'billing.rounding.multi', 'billing.bands_also', 'billing.over_limit_coefficient',
  'imbalance.method', 'imbalance.hold_above_percent', 'imbalance.negative', 'imbalance.cap_m3_per_person', 'imbalance.average_days',
]

interface Draft {
  key: string
  kind: Kind
  from: string
  service: Service
  group: ConsumerGroup
  amenity: Amenity
  mode: BandMode
  code: string
  /** A price, m³, per cent, bands like 3:1,5:1.2,-:2 or a setting's value. */
  value: string
}
type Source = NonNullable<ScenarioSourceQuery['scenario']>
type Book = ScenarioBookQuery

const draft = (kind: Kind, from: string, more: Partial<Draft> = {}): Draft => ({
  key: newKey(), kind, from, service: 'WATER', group: 'POPULATION', amenity: 'HOUSEHOLD', mode: 'WHOLE', code: codes[0]!, value: kind === 'bands' ? '3:1,5:1.2,10:1.5,-:2' : '', ...more,
})

/** A change of another scenario, to be altered. */
function copied(change: Source['changes'][number]): Draft {
  const { from, value } = change
  const word = value ?? ''
  if (change.amenity) return draft('norm', from, { amenity: change.amenity, service: change.service ?? 'WATER', value: word })
  if (change.service) return draft('price', from, { service: change.service, group: change.consumerGroup ?? 'POPULATION', value: word })
  if (change.setting) return draft('setting', from, { code: change.setting, value: word })
  if (change.bands) return draft('bands', from, { mode: change.mode ?? 'WHOLE', value: change.bands })
  // What has a number only is a rate, what has none leaves bands or readings out; the day of the latter is inside of the month.
  if (value) return draft('vat', from, { value: String(Number((Number(value) * 100).toFixed(4))) })
  return draft(from.endsWith('-01') ? 'suspension' : 'freeze', from)
}

/** What cannot be sent of a change; the rest the server judges. */
type Wrong = 'empty' | 'number' | 'bands'
function wrongIn(one: Draft): Wrong | undefined {
  const places: Partial<Record<Kind, number>> = { price: 4, norm: 3, vat: 2 }
  if (one.kind === 'suspension' || one.kind === 'freeze') return undefined
  if (!one.value.trim()) return 'empty'
  const fits = places[one.kind]
  if (fits !== undefined) return parseDecimal(one.value, fits) === null ? 'number' : undefined
  if (one.kind !== 'bands') return undefined
  const bands = bandsOf(one.value)
  const bad = bands.some(({ upto, coefficient }, at) => parseDecimal(coefficient, 4) === null || (at < bands.length - 1 ? parseDecimal(upto, 3) === null : upto !== ''))
  return bad ? 'bands' : undefined
}
const wrongWords: Record<Wrong, Key> = { empty: 'scenario.wrong.empty', number: 'scenario.wrong.number', bands: 'scenario.wrong.bands' }

/** Bands as they are kept in a draft, `3:1,5:1.2,-:2`; the last one has no bound. */
const bandsOf = (value: string) => value.split(',').map((pair) => {
  const [upto = '', coefficient = ''] = pair.trim().split(':')
  return { upto: upto === '-' ? '' : upto, coefficient }
})
const bandsTo = (bands: readonly { upto: string; coefficient: string }[]) =>
  bands.map(({ upto, coefficient }, at) => `${at === bands.length - 1 ? '-' : upto.replace(',', '.')}:${coefficient.replace(',', '.')}`).join(',')

const plain = (text: string, places: number) => parseDecimal(text, places) ?? text.trim()

function input(one: Draft): ScenarioChangeInput {
  const { from, service } = one
  switch (one.kind) {
    case 'price': return { price: { service, consumerGroup: one.group, from, net: plain(one.value, 4) } }
    case 'norm': return { norm: { amenity: one.amenity, service, from, volume: plain(one.value, 3) } }
    case 'bands': {
      const band = (pair: string) => {
        const [upto = '', coefficient = ''] = pair.trim().split(':')
        return { upto: upto.trim() === '-' ? null : plain(upto, 3), coefficient: coefficient.trim() }
      }
      return { bands: { from, mode: one.mode, bands: one.value.split(',').map(band) } }
    }
    case 'suspension': return { suspension: { from } }
    case 'vat': return { vat: { from, rate: /^\d+([.,]\d+)?$/.test(one.value.trim()) ? (Number(one.value.trim().replace(',', '.')) / 100).toFixed(4) : one.value } }
    case 'setting': return { setting: { code: one.code, from, value: one.value.trim() } }
    case 'freeze': return { freeze: { day: from } }
  }
}

const route = getRouteApi('/scenarios/new')

export function NewScenario() {
  const t = useT()
  const { from } = route.useSearch()
  const today = useToday()
  const [book] = useQuery({ query: bookQuery, variables: { on: today } })
  const [source] = useQuery({ query: sourceQuery, variables: { id: from ?? '' }, pause: !from })
  const waits = Boolean(from) && source.fetching
  return (
    <>
      <Link className="row-link" to="/scenarios"><Group gap={2} component="span" display="inline-flex"><IconBack size={15} />{t('nav.scenarios')}</Group></Link>
      <PageHead title={t('scenario.new')} lead={t('scenario.newLead')} />
      <Answer result={waits ? { ...book, data: undefined, fetching: true } : book} lines={8}>
        {(data) => <Editor book={data} source={source.data?.scenario ?? undefined} today={today} />}
      </Answer>
    </>
  )
}

function Editor({ book, source, today }: { book: Book; source: Source | undefined; today: string }) {
  const t = useT()
  const format = useFormat()
  const viewer = useViewer()
  const navigate = useNavigate()
  const act = useAct(createMutation)
  const own = viewer.sectors.length ? allSectors.filter((one) => viewer.sectors.includes(one)) : allSectors
  const months = [...new Set([today.slice(0, 7), ...book.periods.nodes.map((one) => one.period)])].toSorted().toReversed()
  const [name, setName] = useState(source ? t('scenario.copyOf', { name: source.name }) : '')
  const [note, setNote] = useState(source?.note ?? '')
  const [period, setPeriod] = useState(source?.period ?? today.slice(0, 7))
  const [sectors, setSectors] = useState<readonly Sector[]>(source?.sectors.filter((one) => own.includes(one)) ?? own)
  const [keep, setKeep] = useState(source?.keepsAccounts ?? false)
  const [changes, setChanges] = useState<readonly Draft[]>(source?.changes.map(copied) ?? [])
  const [missing, setMissing] = useState<{ name?: string; sectors?: string }>({})
  const [tried, setTried] = useState(false)
  const [percent, setPercent] = useState('10')
  const asked = useRef({ wish: '', key: '' })
  const first = `${period}-01`

  const change = (index: number, more: Partial<Draft>) => setChanges((now) => now.map((one, at) => (at === index ? { ...one, ...more } : one)))
  const raise = () => {
    const exact = parseDecimal(percent.replace('\u2212', '-'), 2)
    if (exact === null) return
    const raised = book.prices.map((price) =>
      draft('price', first, { service: price.service, group: price.consumerGroup, value: (Number(price.net) * (1 + Number(exact) / 100)).toFixed(4).replace(/\.?0+$/, '').replace('.', format.language === 'en' ? '.' : ',') }),
    )
    setChanges((now) => [...now.filter((one) => one.kind !== 'price'), ...raised])
  }
  const send = (event: FormEvent) => {
    event.preventDefault()
    const wrong = { ...(name.trim() ? {} : { name: t('scenario.noName') }), ...(sectors.length > 0 ? {} : { sectors: t('scenario.noSector') }) }
    setMissing(wrong)
    setTried(true)
    if (Object.keys(wrong).length > 0 || changes.some(wrongIn)) {
      const form = event.currentTarget as HTMLFormElement
      setTimeout(() => form.querySelector<HTMLElement>('[aria-invalid="true"], input[type="checkbox"]')?.focus(), 0)
      return
    }
    const wanted = { name, note: note.trim() || null, period, sectors: [...sectors], changes: changes.map(input), keepAccounts: keep }
    // Another wish is another key; the same one is sent again under its own.
    const wish = JSON.stringify(wanted)
    if (asked.current.wish !== wish) asked.current = { wish, key: newKey() }
    void act
      .run({ ...wanted, idempotencyKey: asked.current.key })
      .then((done) => done?.scenario && navigate({ to: '/scenarios/$id', params: { id: done.scenario.id } }))
  }
  return (
    <form onSubmit={send} noValidate>
      <Stack>
        <Section title={t('scenario.what')}>
          <Stack gap="sm">
            <TextInput label={t('scenario.name')} value={name} onChange={(event) => { setName(event.currentTarget.value); setMissing(({ sectors: kept }) => (kept ? { sectors: kept } : {})) }} maxLength={200} required withAsterisk={false} error={missing.name ?? act.errors.find((one) => one.field === 'name')?.message} />
            <Textarea label={t('scenario.note')} value={note} onChange={(event) => setNote(event.currentTarget.value)} maxLength={2000} autosize minRows={2} />
            <Group align="flex-end" gap="lg">
              <NativeSelect label={t('common.period')} value={period} onChange={(event) => setPeriod(event.currentTarget.value)} data={months.map((value) => ({ value, label: format.period(value) }))} />
              <Checkbox.Group label={t('common.sector')} value={[...sectors]} error={missing.sectors} onChange={(chosen) => { setSectors(chosen as Sector[]); setMissing(({ name: kept }) => (kept ? { name: kept } : {})) }}>
                <Group gap="md" py={6}>{own.map((one) => <Checkbox key={one} value={one} label={t(`enum.Sector.${one}`)} />)}</Group>
              </Checkbox.Group>
            </Group>
            <Checkbox label={t('scenario.keep')} description={t('scenario.keepText')} checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />
          </Stack>
        </Section>
        <Section
          title={t('scenario.changes')}
          side={
            <Group gap="xs">
              <TextInput aria-label={t('scenario.percent')} size="sm" w={90} value={percent} onChange={(event) => setPercent(event.currentTarget.value)} rightSection="%" inputMode="decimal" />
              <Button variant="default" size="sm" onClick={raise}>{t('scenario.raise')}</Button>
            </Group>
          }
        >
          <Stack gap="sm">
            {changes.length === 0 && <Empty title={t('scenario.noChanges')}>{t('scenario.noChangesText')}</Empty>}
            {changes.map((one, index) => (
              <Row key={one.key} one={one} number={index + 1} wrong={tried ? wrongIn(one) : undefined} book={book} today={today} change={(more) => change(index, more)} remove={() => setChanges((now) => now.filter((_, at) => at !== index))} />
            ))}
            <Group gap="xs">
              {kinds.map((kind) => (
                <Button key={kind} variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => setChanges((now) => [...now, draft(kind, kind === 'freeze' ? `${period}-20` : first)])}>
                  {t(kindWords[kind])}
                </Button>
              ))}
            </Group>
          </Stack>
        </Section>
        <Refusals errors={act.errors} shown={['name']} />
        {act.broken && <Problem error={act.broken} />}
        <Alert color="blue" variant="light">{t('scenario.harmless')}</Alert>
        <Group justify="flex-end">
          <Button type="submit" loading={act.busy}>{t('scenario.reckon')}</Button>
        </Group>
      </Stack>
    </form>
  )
}

const choose = <V extends string>(label: string, value: V, values: readonly V[], word: (value: V) => string, take: (value: V) => void) => (
  <NativeSelect label={label} value={value} onChange={(event) => take(event.currentTarget.value as V)} data={values.map((each) => ({ value: each, label: word(each) }))} flex="1 1 180px" />
)

/** One change beside what is in force today. */
function Row({ one, number, wrong, book, today, change, remove }: { one: Draft; number: number; wrong: Wrong | undefined; book: Book; today: string; change: (more: Partial<Draft>) => void; remove: () => void }) {
  const t = useT()
  const format = useFormat()
  const inForce = <V extends { from: string; to?: string | null }>(versions: readonly V[]) => versions.find((version) => version.from <= today && (version.to == null || today <= version.to))
  const settings = book.settings.nodes.filter((row) => row.confirmedBy != null)
  const price = one.kind === 'price' ? book.prices.find((row) => row.service === one.service && row.consumerGroup === one.group) : undefined
  const norm = one.kind === 'norm' ? book.norms.find((row) => row.service === one.service && row.amenity === one.amenity) : undefined
  const vat = one.kind === 'vat' ? inForce(book.vatRates) : undefined
  const setting = one.kind === 'setting' ? inForce(settings.filter((row) => row.code === one.code)) : undefined
  const now = price ? format.price(price.net) : norm ? format.volume(norm.volume) : vat ? format.percent(vat.rate) : setting?.value
  const valueLabel: Partial<Record<Kind, string>> = {
    price: t('billing.price'), norm: t('tariffs.perPerson'), vat: t('tariffs.rate'), setting: t('scenario.value'),
  }
  return (
    <Paper withBorder p="sm" role="group" aria-label={`${number}. ${t(kindWords[one.kind])}`}>
      <Group justify="space-between" mb={6}>
        <Text fw={600} size="sm">{number}. {t(kindWords[one.kind])}</Text>
        <ActionIcon variant="subtle" color="gray" aria-label={t('scenario.remove', { number })} onClick={remove}>×</ActionIcon>
      </Group>
      <Group align="flex-start" gap="sm">
        {(one.kind === 'price' || one.kind === 'norm') && choose(t('billing.service'), one.service, services, (value) => t(`enum.Service.${value}`), (service) => change({ service }))}
        {one.kind === 'price' && choose(t('tariffs.group'), one.group, groups, (value) => t(`enum.ConsumerGroup.${value}`), (group) => change({ group }))}
        {one.kind === 'norm' && choose(t('subscribers.amenity'), one.amenity, amenities, (value) => t(`enum.Amenity.${value}`), (amenity) => change({ amenity }))}
        {one.kind === 'bands' && choose(t('tariffs.mode'), one.mode, ['WHOLE', 'MARGINAL'] as const, (value) => t(`enum.BandMode.${value}`), (mode) => change({ mode }))}
        {one.kind === 'setting' && choose(t('scenario.kind.setting'), one.code, codes, (value) => settings.find((row) => row.code === value)?.name ?? value, (code) => change({ code, value: '' }))}
        <TextInput label={one.kind === 'freeze' ? t('scenario.freezeDay') : t('common.fromDay')} type="date" value={one.from} onChange={(event) => change({ from: event.currentTarget.value })} />
        {valueLabel[one.kind] && (
          <TextInput
            label={valueLabel[one.kind]} value={one.value} onChange={(event) => change({ value: event.currentTarget.value })} flex="1 1 160px"
            description={now === undefined ? undefined : t('tariffs.nowIs', { value: now })} inputWrapperOrder={['label', 'input', 'description', 'error']} error={wrong && t(wrongWords[wrong])}
          />
        )}
      </Group>
      {one.kind === 'bands' && <Bands value={one.value} wrong={wrong} change={(value) => change({ value })} />}
    </Paper>
  )
}

/** Each band of its own row: up to how much, times what; the last has no bound. */
function Bands({ value, wrong, change }: { value: string; wrong: Wrong | undefined; change: (value: string) => void }) {
  const t = useT()
  const bands = bandsOf(value)
  const set = (at: number, more: Partial<(typeof bands)[number]>) => change(bandsTo(bands.map((band, index) => (index === at ? { ...band, ...more } : band))))
  return (
    <Stack gap={6} mt="sm">
      {bands.map((band, at) => {
        const last = at === bands.length - 1
        return (
          <Group key={at} gap="sm" align="center" wrap="nowrap">
            <TextInput
              aria-label={t('tariffs.bandUpto', { number: at + 1 })} value={last ? '' : band.upto} placeholder={last ? t('scenario.rest') : ''} disabled={last} inputMode="decimal"
              rightSection={<Text size="xs" c="dimmed">м³</Text>} onChange={(event) => set(at, { upto: event.currentTarget.value })} flex="1 1 120px" maw={260}
            />
            <TextInput
              aria-label={t('tariffs.bandCoefficient', { number: at + 1 })} value={band.coefficient} leftSection="×" inputMode="decimal" onChange={(event) => set(at, { coefficient: event.currentTarget.value })}
              flex="1 1 80px" maw={160}
            />
            {bands.length > 1 && <ActionIcon variant="subtle" color="gray" aria-label={t('scenario.removeBand', { number: at + 1 })} onClick={() => change(bandsTo(bands.filter((_, index) => index !== at)))}>×</ActionIcon>}
          </Group>
        )
      })}
      {wrong && <Text size="xs" c="var(--mantine-color-error)" role="alert">{t(wrongWords[wrong])}</Text>}
      <Text size="xs" c="dimmed">{t('scenario.bandsHint')}</Text>
      {bands.length < 4 && <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => change(bandsTo([...bands.slice(0, -1), { upto: '', coefficient: '' }, bands.at(-1)!]))} style={{ alignSelf: 'flex-start' }}>{t('scenario.addBand')}</Button>}
    </Stack>
  )
}
