/** What can be looked at beside the terminal. */
export type SideTab = 'activity' | 'protection' | 'secrets' | 'requests' | 'models'
