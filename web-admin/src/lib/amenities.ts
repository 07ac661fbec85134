import type { Amenity } from '../gql'

/** How dwellings are supplied, which decides their norm; watering is of plots. */
export const amenities: readonly Amenity[] = ['HOUSEHOLD', 'DILAPIDATED', 'STANDPIPE']
