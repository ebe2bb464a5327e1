package supervision

// ProxyPorts is the variable by which a profile script tells a proxy's supervisor its ports: the
// proxy's own, a blank, and the port behind it; more ports may follow. While profile scripts run,
// PORT is the app's port in the proxy's process, too.
const ProxyPorts = "_SIDECARS_PROXY_PORTS"
