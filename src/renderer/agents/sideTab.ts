/** What can be looked at beside the terminal. */
export type SideTab = 'activity' | 'protection' | 'services' | 'secrets' | 'requests' | 'models'
