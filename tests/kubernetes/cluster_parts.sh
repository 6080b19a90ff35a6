#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by cluster.sh: the network of the node and the programs of a test cluster, each started
# inside the cluster's namespaces with its log and its pid (as seen there) below $state.
# shellcheck disable=SC2154  # state, bin, here and the addresses come from cluster.sh
# shellcheck disable=SC2016  # what `inside bash -c` runs expands its text there

# A bridge with the node's address. A member port gives it its carrier: there is no other device.
make_network() {
  inside bash -euc '
    ip link set lo up
    ip link add node0 type bridge
    ip address add "$1/32" dev node0
    ip link add up0 type veth peer name up1
    ip link set up0 master node0
    for link in up0 up1 node0; do ip link set "$link" up; done
    ip route add default dev node0' bash "$node_ip"
}

start_parts() {
  start etcd etcd --data-dir "$state/etcd" --unsafe-no-fsync \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380
  start containerd containerd -c "$state/containerd.toml"
  start_apiserver
  load_pause_image
  wait_for_apiserver
  start_controllers
  start_node
  wait_until 120 "a ready node" node_is_ready
  wait_until 60 "the namespace's service account" kubectl_admin get serviceaccount default
}

# start NAME COMMAND…
start() {
  local part=$1
  shift
  inside bash -c 'log=$1 pid=$2; shift 2
    setsid "$@" </dev/null >>"$log" 2>&1 &
    echo $! >"$pid"' bash "$state/log/$part.log" "$state/pid/$part" "$@"
}

start_apiserver() {
  local pki=$state/pki
  start apiserver "$bin/kube-apiserver" --etcd-servers http://127.0.0.1:2379 \
    --secure-port 6443 --bind-address 0.0.0.0 --advertise-address "$node_ip" \
    --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" \
    --client-ca-file "$pki/ca.crt" --authorization-mode Node,RBAC --allow-privileged \
    --service-account-key-file "$pki/service-account.pub" \
    --service-account-signing-key-file "$pki/service-account.key" \
    --service-account-issuer https://kubernetes.default.svc \
    --service-cluster-ip-range "$service_cidr" --kubelet-preferred-address-types InternalIP \
    --kubelet-client-certificate "$pki/admin.crt" --kubelet-client-key "$pki/admin.key" \
    --kubelet-certificate-authority "$pki/ca.crt" \
    --audit-policy-file "$state/audit-policy.yaml" --audit-log-path "$state/audit.log" \
    --audit-log-mode blocking
}

wait_for_apiserver() {
  wait_until 120 "the API server" kubectl_admin --request-timeout=5s get --raw /readyz
}

start_controllers() {
  start controller-manager "$bin/kube-controller-manager" --leader-elect=false \
    --kubeconfig "$state/admin.kubeconfig" --use-service-account-credentials \
    --service-account-private-key-file "$state/pki/service-account.key" \
    --root-ca-file "$state/pki/ca.crt"
  start scheduler "$bin/kube-scheduler" --leader-elect=false --kubeconfig "$state/admin.kubeconfig"
}

start_node() {
  start kubelet "$bin/kubelet" --kubeconfig "$state/kubelet.kubeconfig" \
    --config "$state/kubelet.yaml" --container-runtime remote \
    --container-runtime-endpoint "unix://$state/containerd.sock" --root-dir "$state/kubelet" \
    --hostname-override node0 --node-ip "$node_ip"
  start kube-proxy "$bin/kube-proxy" --kubeconfig "$state/admin.kubeconfig" \
    --proxy-mode iptables --cluster-cidr 198.18.0.0/16 --hostname-override node0 \
    --conntrack-max-per-core 0
}

load_pause_image() {
  mkdir "$state/pause-root"
  cp "$state/pause" "$state/pause-root/pause"
  "$here/../../cluster/kubernetes/images/tar_image.sh" localhost/pause:1 "$state/pause-root" \
    "$state/pause.tar" /pause
  wait_until 60 containerd ctr -a "$state/containerd.sock" version
  load "$state/pause.tar"
}

kubectl_admin() { in_network kubectl --kubeconfig "$state/admin.kubeconfig" "$@"; }

node_is_ready() {
  [[ $(kubectl_admin get node node0 -o \
    'jsonpath={.status.conditions[?(@.type=="Ready")].status}') == True ]]
}
