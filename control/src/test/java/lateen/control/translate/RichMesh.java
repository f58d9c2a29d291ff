package lateen.control.translate;

/** Services with one object of each sort and all that is supported in it, for checks of the whole. */
public final class RichMesh {

    public static final String RULES = """
            ---
            apiVersion: networking.istio.io/v1
            kind: WorkloadEntry
            metadata: {name: catalog-2, namespace: shop}
            spec:
              address: 10.33.0.5
              serviceAccount: catalog
              labels: {app: catalog, version: v2, security.istio.io/tlsMode: istio}
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: catalog, namespace: shop}
            spec:
              host: catalog
              exportTo: ["*"]
              trafficPolicy:
                loadBalancer: {simple: ROUND_ROBIN}
                connectionPool:
                  tcp:
                    maxConnections: 100
                    connectTimeout: 250ms
                    tcpKeepalive: {probes: 3, time: 1h, interval: 75s}
                    idleTimeout: 10m
                  http:
                    http1MaxPendingRequests: 7
                    http2MaxRequests: 8
                    maxRequestsPerConnection: 9
                    maxRetries: 10
                    idleTimeout: 5m
                    h2UpgradePolicy: DO_NOT_UPGRADE
                outlierDetection:
                  consecutive5xxErrors: 5
                  consecutiveGatewayErrors: 0
                  interval: 1s
                  baseEjectionTime: 30s
                  maxEjectionPercent: 50
                  minHealthPercent: 30
                  splitExternalLocalOriginErrors: true
                  consecutiveLocalOriginFailures: 4
                tls: {mode: ISTIO_MUTUAL, sni: other.shop, subjectAltNames: ["spiffe://cluster.local/ns/shop/sa/other"]}
                portLevelSettings:
                  - port: {number: 9000}
                    loadBalancer: {simple: PASSTHROUGH}
              subsets:
                - {name: v1, labels: {version: v1}}
                - name: v2
                  labels: {version: v2}
                  trafficPolicy: {loadBalancer: {simple: RANDOM}, tls: {mode: DISABLE}}
                - name: v3
                  labels: {version: v3}
                  trafficPolicy:
                    portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 1}}}]
            ---
            apiVersion: networking.istio.io/v1beta1
            kind: VirtualService
            metadata: {name: catalog, namespace: shop}
            spec:
              hosts: [catalog, books.example.com]
              http:
                - name: everything
                  match:
                    - name: of-it
                      uri: {prefix: /Books}
                      ignoreUriCase: true
                      method: {exact: GET}
                      authority: {regex: "catalog.*"}
                      scheme: {exact: http}
                      headers: {x-tester: {}, cookie: {regex: ".*user=jane.*"}, x-a: {prefix: a}, end-user: {exact: jane}}
                      withoutHeaders: {x-off: {}, x-mode: {exact: slow}}
                      queryParams: {v: {exact: "2"}, debug: {}, w: {regex: "[0-9]+"}}
                      port: 80
                      sourceLabels: {app: catalog}
                      sourceNamespace: shop
                      gateways: [mesh]
                    - uri: {regex: "/a/[0-9]+"}
                  headers:
                    request: {set: {x-set: "100%%", Host: inner.shop}, add: {x-add: b}, remove: [x-gone]}
                    response: {set: {x-r: a}, add: {x-s: b}, remove: [server]}
                  rewrite: {uri: /}
                  timeout: 1.5s
                  retries: {attempts: 3, perTryTimeout: 300ms, retryOn: "gateway-error,429", backoff: 30ms, retryIgnorePreviousHosts: true}
                  route:
                    - {destination: {host: catalog, subset: v1, port: {number: 80}}, weight: 90}
                    - {destination: {host: catalog.shop.svc.cluster.local, subset: v2}, weight: 10}
                    - {destination: {host: ratings.other.svc.cluster.local}, weight: 0}
                - match: [{uri: {exact: /old}}]
                  redirect: {uri: /new, authority: "elsewhere:8443", scheme: https, port: 8443, redirectCode: 308}
                - match: [{uri: {exact: /here}}]
                  redirect: {derivePort: FROM_REQUEST_PORT}
                - match: [{uri: {exact: /teapot}}]
                  directResponse: {status: 418, body: {string: short and stout}}
                - match: [{uri: {prefix: /once}}]
                  rewrite: {authority: once.shop}
                  retries: {attempts: 0}
                  route: [{destination: {host: catalog}, headers: {request: {set: {x-d: d}}}}]
                - route: [{destination: {host: catalog, subset: v3}}]
              tcp:
                - match:
                    - port: 9000
                      destinationSubnets: [10.33.1.0/24, "fd33::/16"]
                      sourceLabels: {app: catalog}
                      sourceNamespace: shop
                      gateways: [mesh]
                  route:
                    - {destination: {host: catalog, subset: v1, port: {number: 9000}}, weight: 3}
                    - {destination: {host: catalog, subset: v2, port: {number: 9000}}, weight: 1}
                - route: [{destination: {host: catalog, subset: v2, port: {number: 9000}}}]
            ---
            apiVersion: networking.istio.io/v1alpha3
            kind: VirtualService
            metadata: {name: ratings, namespace: other}
            spec:
              hosts: ["*.other.svc.cluster.local"]
              exportTo: ["*"]
              gateways: [mesh]
              http: [{route: [{destination: {host: ratings}}], timeout: 0s}]
            """;

    public static final String MESH = Shop.MESH + RULES;

    private RichMesh() {}
}
