#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by cluster.sh: the directories, certificates, kubeconfigs and configuration files of a test
# cluster, all below $state. Nothing is started here.
# shellcheck disable=SC2034,SC2154  # state and name are cluster.sh's, the addresses also others'

node_ip=198.18.0.1
pod_cidr=198.18.1.0/24
service_cidr=198.19.0.0/16
kubernetes_ip=198.19.0.1

make_directories() { mkdir -p "$state"/{pki,log,pid,cni/conf,cni/data,containerd,kubelet}; }

write_files() {
  make_certificates
  write_kubeconfig admin
  write_kubeconfig kubelet
  write_audit_policy
  write_containerd_config
  write_pod_network
  write_kubelet_config
}

make_certificates() {
  local pki=$state/pki
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
    -keyout "$pki/ca.key" -out "$pki/ca.crt" -subj /CN=wsfleet-test-ca 2>/dev/null
  certificate apiserver /CN=kube-apiserver "DNS:localhost,DNS:kubernetes,\
DNS:kubernetes.default.svc,IP:127.0.0.1,IP:$node_ip,IP:$kubernetes_ip"
  certificate admin /O=system:masters/CN=admin DNS:admin
  certificate kubelet /O=system:nodes/CN=system:node:node0 "DNS:node0,IP:$node_ip"
  openssl genrsa -out "$pki/service-account.key" 2048 2>/dev/null
  openssl rsa -in "$pki/service-account.key" -pubout -out "$pki/service-account.pub" 2>/dev/null
}

# certificate NAME SUBJECT ALTERNATIVE_NAMES: for servers and clients.
certificate() {
  local base=$state/pki/$1
  printf 'extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=%s\n' "$3" >"$base.ext"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$base.key" \
    -out "$base.csr" -subj "$2" 2>/dev/null
  openssl x509 -req -in "$base.csr" -CA "$state/pki/ca.crt" -CAkey "$state/pki/ca.key" \
    -CAcreateserial -days 30 -out "$base.crt" -extfile "$base.ext" 2>/dev/null
}

write_kubeconfig() {
  cat >"$state/$1.kubeconfig" <<CONFIG
apiVersion: v1
kind: Config
clusters:
  - name: wsfleet
    cluster: {server: "https://127.0.0.1:6443", certificate-authority: "$state/pki/ca.crt"}
users:
  - name: $1
    user: {client-certificate: "$state/pki/$1.crt", client-key: "$state/pki/$1.key"}
contexts:
  - {name: wsfleet, context: {cluster: wsfleet, user: $1}}
current-context: wsfleet
CONFIG
}

# Who scales, who leads, who kills pods, who looks at secrets. The first rule that fits counts.
write_audit_policy() {
  cat >"$state/audit-policy.yaml" <<'CONFIG'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    namespaces: [kube-system, kube-node-lease]
  - level: Request
    verbs: [create, update, patch]
    resources: [{group: apps, resources: [statefulsets/scale]}]
  - level: Metadata
    verbs: [create, update, patch, delete, deletecollection]
    resources:
      - {group: apps, resources: [statefulsets]}
      - {group: coordination.k8s.io, resources: [leases]}
      - {group: "", resources: [pods]}
  - level: Metadata
    verbs: [get, list, watch]
    resources: [{group: "", resources: [secrets]}]
  - level: None
CONFIG
}

# restrict_oom_score_adj: without CAP_SYS_RESOURCE the runtime may not lower a sandbox's OOM score.
write_containerd_config() {
  cat >"$state/containerd.toml" <<CONFIG
version = 2
root = "$state/containerd/root"
state = "$state/containerd/state"
[grpc]
  address = "$state/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$state/cni/conf"
CONFIG
}

write_pod_network() {
  cat >"$state/cni/conf/10-pods.conflist" <<CONFIG
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "pods0", "isGateway": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$state/cni/data",
            "ranges": [[{"subnet": "$pod_cidr"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
CONFIG
}

write_kubelet_config() {
  : >"$state/resolv.conf"  # there is no DNS in the cluster, and no way out of it
  cat >"$state/kubelet.yaml" <<CONFIG
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  x509: {clientCAFile: "$state/pki/ca.crt"}
  webhook: {enabled: true}
authorization: {mode: Webhook}
tlsCertFile: "$state/pki/kubelet.crt"
tlsPrivateKeyFile: "$state/pki/kubelet.key"
resolvConf: "$state/resolv.conf"
volumePluginDir: "$state/kubelet/plugins"
cgroupDriver: cgroupfs
cgroupRoot: /$name
enforceNodeAllocatable: []
failSwapOn: false
evictionHard: {memory.available: "100Mi"}
imageGCHighThresholdPercent: 100
maxPods: 200
CONFIG
}
