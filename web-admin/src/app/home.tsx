import { Suspense, lazy } from 'react'
import { Navigate } from '@tanstack/react-router'
import { useViewer } from '../lib/can'
import { NotFound } from './not-found'
import { opens, places } from './places'

const CityHome = lazy(() => import('../features/stats/home').then(({ CityHome: component }) => ({ default: component })))

/** The city for those who answer for it; for others the first section that they may see. */
export function Home() {
  const viewer = useViewer()
  if (viewer.permissions.includes('STATS_READ')) return <Suspense><CityHome /></Suspense>
  const first = places.find((place) => opens(place, viewer.permissions))
  return first ? <Navigate to={first.to} replace /> : <NotFound />
}
