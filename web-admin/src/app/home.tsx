import { Navigate } from '@tanstack/react-router'
import { useViewer } from '../lib/can'
import { NotFound } from './not-found'
import { places } from './places'

/** The first section that the viewer may see. */
export function Home() {
  const viewer = useViewer()
  const first = places.find((place) => viewer.permissions.includes(place.permission))
  return first ? <Navigate to={first.to} replace /> : <NotFound />
}
