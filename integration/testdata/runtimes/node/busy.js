// Works as a small sidecar does: answers requests over HTTP with JSON, and keeps some of
// what it has seen. At the end it says how much memory it had resident at most.
//
//   node busy.js REQUESTS KEPT_MB
const { spawn } = require('child_process');
const fs = require('fs');
const http = require('http');
const v8 = require('v8');

const [requests, kept] = process.argv.slice(2).map(Number);
const cache = new Map();
let seen = 0;

function remember() {
  cache.set(seen, { id: seen, name: `item ${seen}`, tags: [`a${seen}`, `b${seen}`], at: new Date() });
  seen++;
}

function answer(request, response) {
  const list = [];
  for (let i = 0; i < 500; i++) {
    list.push({ id: i, name: `name ${i}${request.url}`, at: new Date().toISOString() });
  }
  if (cache.size > 0) {
    cache.delete(seen - cache.size);
    remember();
  }
  response.end(JSON.stringify(JSON.parse(JSON.stringify(list)).filter((one) => one.id % 7 === 0)));
}

// resident is the most that was resident, in kB. process.resourceUsage().maxRSS would have
// the size of the program in it that has started this one, if that is larger.
function resident() {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);
}

// ask is the other side, in a process of its own.
function ask(port, left) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const next = () => left-- > 0 && http.get({ port, agent, path: `/${left}` }, (got) => got.resume().on('end', next));
  for (let i = 0; i < 8; i++) next();
}

if (process.argv[4]) {
  ask(process.argv[4], requests);
} else {
  const before = process.memoryUsage().heapUsed;
  while (process.memoryUsage().heapUsed < before + kept * 1048576) {
    for (let i = 0; i < 200; i++) remember();
  }
  const server = http.createServer(answer).listen(0, '127.0.0.1', () => {
    const asking = [__filename, requests, 0, server.address().port];
    spawn(process.execPath, asking, { env: {}, stdio: 'inherit' }).on('exit', (code) => {
      const heap = Math.round(v8.getHeapStatistics().heap_size_limit / 1048576);
      console.log(`node ${process.version}: resident ${Math.ceil(resident() / 1024)} MB, heap limit ${heap} MB`);
      process.exit(code);
    });
  });
}
