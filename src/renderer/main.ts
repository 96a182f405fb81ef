import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { roomConnectionKey } from './room/connection.ts'
import { openRoom } from './room/openRoom.ts'
import { writeStylesAsObjects } from './terminal/stylesAsObjects.ts'
import './styles.css'

writeStylesAsObjects(window)
createApp(App).use(createPinia()).provide(roomConnectionKey, openRoom(window)).mount('#app')
