#!/usr/bin/env node
// Not dist/main.js itself: npm links a command only when its file is there at the time of installing.
import "../dist/main.js";
