package supervision

// ProxyPorts is the variable by which a profile script tells the supervisor of a proxy
// its ports: the proxy's own, a blank, and the one behind it, which further ports may
// follow. While profile scripts run, PORT is the app's in the proxy's process, too.
const ProxyPorts = "_SIDECARS_PROXY_PORTS"
