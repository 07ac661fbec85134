import './city.css'
import { Link } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Empty, PageHead, Problem, Section, Waiting, useFormat } from '@aiscra/ui'
import { opens, places } from '../../app/places'
import { useCan, useSigns, useToday, useViewer } from '../../lib/can'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'
import { MonthsChart } from './charts'
import { useCity } from './city'
import { CityFigures } from './figures'
import { LiveMark } from './state'

const waitingQuery = graphql(`
  query WaitingCount { waitingReadingCount }
`)

const signaturesQuery = graphql(`
  query WaitingSignatureCount { waitingSignatureCount }
`)

/** Doubtful readings wait for a person: said where the day begins. */
function WaitingReadings() {
  const t = useT()
  const [result] = useQuery({ query: waitingQuery, requestPolicy: 'cache-and-network' })
  const count = result.data?.waitingReadingCount ?? 0
  if (count === 0) return null
  return (
    <p style={{ margin: 'var(--mantine-spacing-md) 0' }}>
      <Link className="row-link" to="/readings">{t('readings.waitingLink', { count })}</Link>
    </p>
  )
}

/** So do acts that somebody else asked for. */
function WaitingSignatures() {
  const t = useT()
  const [result] = useQuery({ query: signaturesQuery, requestPolicy: 'cache-and-network' })
  const count = result.data?.waitingSignatureCount ?? 0
  if (count === 0) return null
  return (
    <p style={{ margin: 'var(--mantine-spacing-md) 0' }}>
      <Link className="row-link" to="/signatures">{t('signatures.waitingLink', { count })}</Link>
    </p>
  )
}

/** The first page of those who answer for the city, or for a part of it: how it stands, and the way on. */
export function CityHome() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const signs = useSigns()
  const viewer = useViewer()
  const now = useCity()
  const { city } = now
  const ways = places.filter((place) => place.to !== '/picture' && opens(place, viewer.permissions))
  return (
    <div className="city">
      <PageHead title={t('stats.home', { date: format.date(useToday()) })} />
      <Section
        title={city ? `${t('nav.picture')} · ${format.period(city.period)}` : t('nav.picture')}
        side={<><LiveMark now={now} /><Link className="row-link" to="/picture">{t('stats.open')}</Link></>}
      >
        {!city && (now.error ? <Problem error={now.error} retry={now.refresh} /> : <Waiting lines={8} />)}
        {city && city.parts.length === 0 && <Empty title={t('stats.none')}>{t('stats.noneText')}</Empty>}
        {city && city.parts.length > 0 && (
          <div className="city-compact">
            <CityFigures city={city} few />
            <MonthsChart city={city} />
          </div>
        )}
      </Section>
      {can('READING_READ') && <WaitingReadings />}
      {signs && <WaitingSignatures />}
      <ul className="city-ways">
        {ways.map(({ to, label, icon: Icon }) => (
          <li key={to}><Link className="nav-link" to={to}><Icon />{t(label)}</Link></li>
        ))}
      </ul>
    </div>
  )
}
