#!/bin/sh
# Images between the store and Debian's docker-registry on 127.0.0.1, with skopeo, podman and the docker
# command as the other clients.
. "$(dirname "$0")/lib.sh"
require_mounts
for tool in docker-registry skopeo jq curl openssl htpasswd; do
  command -v "$tool" >/dev/null || {
    echo "skip all: needs $tool"
    exit 0
  }
done
[ -x /bin/busybox ] || [ -x /usr/bin/busybox ] || {
  echo "skip all: needs busybox-static"
  exit 0
}
image=$(mktemp -d)
trap 'rm -rf "$image"' EXIT
"$here/../scripts/sample-image" "$image/sample.tar"

# registry [YAML-OF-HTTP-AND-AUTH]: starts one for this scenario; sets host
registry() {
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  host=127.0.0.1:$port
  cat >registry.yml <<END
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $PWD/registry}, delete: {enabled: true}}
http:
  addr: $host
${1-}
END
  docker-registry serve registry.yml >registry.log 2>&1 &
  server=$!
  trap 'exit 1' INT TERM
  trap 'kill "$server" 2>/dev/null || :; wait "$server" 2>/dev/null || :' EXIT
  waited=0
  until curl -ks -o /dev/null "http://$host/v2/"; do
    waited=$((waited + 1))
    [ "$waited" -lt 100 ] || fail "$(cat registry.log)"
    sleep 0.1
  done
  PLYFS_STORE=$PWD/store DOCKER_CONFIG=$PWD/docker XDG_RUNTIME_DIR=$PWD/runtime HOME=$PWD/home
  export PLYFS_STORE DOCKER_CONFIG XDG_RUNTIME_DIR HOME
  unset REGISTRY_AUTH_FILE
  mkdir -p home runtime
}

copy() {
  skopeo --insecure-policy copy -q "$@" >copy.out 2>&1 || fail "skopeo copy $*: $(cat copy.out)"
}

# The sample as gzip or zstd layers: given NAME:TAG METHOD. skopeo would replace the layers by others
# that it remembers, so they are made in a layout.
offer() {
  [ -d "$2.layout" ] || copy --dest-compress --dest-compress-format "$2" \
    "docker-archive:$image/sample.tar" "oci:$PWD/$2.layout:v1"
  copy --dest-tls-verify=false --preserve-digests "oci:$PWD/$2.layout:v1" "docker://$host/$1"
}

# refused CODE PATTERN COMMAND...
refused() {
  expected=$1 pattern=$2
  shift 2
  code=0
  "$@" >out 2>err </dev/null || code=$?
  equal "$expected" "$code" "exit code of $*"
  grep -q "$pattern" err || fail "$*: $(cat err)"
}

raw() {
  skopeo inspect --tls-verify=false --raw "docker://$host/$1"
}

digest() {
  skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$host/$1"
}

pullThenPush_keepsEveryDigest() {
  registry
  for method in gzip zstd; do
    offer "team/$method:v1" "$method"
    "$plyfs" pull "$host/team/$method:v1" >out
    grep -q "^Digest: $(digest "team/$method:v1")\$" out || fail "$(cat out)"
    grep -q "^Status: Downloaded newer image for $host/team/$method:v1\$" out || fail "$(cat out)"
    equal "$host/team/$method:v1" "$(tail -n 1 out)" 'last line'
    "$plyfs" tag "$host/team/$method:v1" "$host/other/$method:v2"
    "$plyfs" push "$host/other/$method:v2" >out
    size=$(raw "team/$method:v1" | wc -c)
    equal "v2: digest: $(digest "team/$method:v1") size: $size" "$(tail -n 1 out)" 'last line'
    equal 3 "$(grep -c ": Mounted from team/$method\$" out)" 'mounted layers'
    equal "$(raw "team/$method:v1" | sha256sum)" "$(raw "other/$method:v2" | sha256sum)" manifest
    copy --src-tls-verify=false "docker://$host/other/$method:v2" "dir:$PWD/$method"
    copy --src-tls-verify=false "docker://$host/team/$method:v1" "dir:$PWD/$method.first"
    diff -r "$method" "$method.first"
  done
  "$plyfs" pull "$host/team/gzip:v1" >out
  grep -q "^Status: Image is up to date for $host/team/gzip:v1\$" out || fail "$(cat out)"
  equal 3 "$(grep -c ': Already exists$' out)" 'layers that are there'
  "$plyfs" push "$host/other/gzip:v2" >out
  equal 3 "$(grep -c ': Layer already exists$' out)" 'layers that are there'
  mkdir m
  "$plyfs" mount -r "$host/team/zstd:v1" m
  equal 'hello from the image' "$(chroot m /app/hello)" 'program in the image'
  "$plyfs" umount m
}

imageOfAnArchive_isPushed_andOthersPullItUnderTheSameId() {
  registry
  "$plyfs" load "$image/sample.tar" >/dev/null
  id=$("$plyfs" inspect -f '{{.Id}}' plyfs-sample)
  "$plyfs" tag plyfs-sample "$host/sample"
  "$plyfs" push "$host/sample" >out
  equal 'Using default tag: latest' "$(head -n 1 out)" 'first line'
  equal "The push refers to repository [$host/sample]" "$(sed -n 2p out)" 'second line'
  equal 3 "$(grep -c ': Pushed$' out)" 'layers'
  equal "$id" "$(raw sample:latest | jq -r .config.digest)" 'configuration'
  equal "$(digest sample)" "$("$plyfs" inspect -f '{{index .RepoDigests 0}}' "$host/sample" | sed 's/.*@//')" \
    'digest that is noted'
  "$plyfs" push -q "$host/sample" >out
  equal "$host/sample:latest" "$(cat out)" 'push -q'
  "$plyfs" pull -q --store "$PWD/second" "$host/sample" >out
  equal "$host/sample:latest" "$(cat out)" 'pull -q'
  equal "$id" "$("$plyfs" inspect --store "$PWD/second" -f '{{.Id}}' "$host/sample")" 'image ID'
  "$plyfs" verify --store "$PWD/second" -q
  command -v podman >/dev/null || return 0
  env -u DOCKER_CONFIG podman --root "$PWD/p/root" --runroot "$PWD/p/run" --storage-driver vfs \
    pull -q --tls-verify=false "$host/sample" >pulled
  equal "${id#sha256:}" "$(cat pulled)" 'image ID of podman'
  env -u DOCKER_CONFIG podman --root "$PWD/p/root" --runroot "$PWD/p/run" --storage-driver vfs rmi -a -f >/dev/null
}

digestsAndTags_nameImages() {
  registry
  offer web:1 gzip
  offer web:2 gzip
  offer web:3 zstd
  equal '1 2 3' "$("$plyfs" tags "$host/web" | sort | tr '\n' ' ' | sed 's/ $//')" tags
  equal "{\"repository\":\"$host/web\",\"tag\":\"1\"}" \
    "$("$plyfs" tags --json "$host/web" | sort | head -n 1)" 'tags --json'
  equal 1 "$("$plyfs" tags --limit 1 "$host/web" | wc -l)" 'tags --limit'
  by=$(digest web:3)
  "$plyfs" pull "$host/web@$by" >out
  equal "$by: Pulling from web" "$(head -n 1 out)" 'first line'
  equal "$host/web@$by" "$(tail -n 1 out)" 'last line'
  equal '<none>' "$("$plyfs" images --format '{{.Tag}}')" 'tag of an image without'
  equal "$by" "$("$plyfs" images --digests --format '{{.Digest}}')" 'digest'
  "$plyfs" pull -a "$host/web" >/dev/null
  equal '1 2 3' "$("$plyfs" images --format '{{.Tag}}' | grep -v none | sort -u | tr '\n' ' ' | sed 's/ $//')" 'pull -a'
  for tag in 1 2 3; do "$plyfs" tag "$host/web:$tag" "$host/copy:$tag"; done
  "$plyfs" push -a "$host/copy" >out
  equal 3 "$(grep -c ': digest: sha256:' out)" 'push -a'
  refused 1 "^plyfs: cannot get manifest web:none: $host answers 'manifest unknown' (status 404)" \
    "$plyfs" pull "$host/web:none"
  refused 2 'a tag cannot be given together with --all-tags' "$plyfs" pull -a "$host/web:1"
  refused 1 "'Web' is not a name of an image in a registry: use " "$plyfs" pull Web
}

# An index with two platforms, an attestation and an artifact.
index_leadsToOnePlatform_andGivesItsDigest() {
  registry
  offer web:amd64 gzip
  machine=$(raw web:amd64)
  here_is=$(printf %s "$machine" | sha256sum | cut -d ' ' -f 1)
  architecture=$(skopeo inspect --tls-verify=false --config "docker://$host/web:amd64" | jq -r .architecture)
  size=$(printf %s "$machine" | wc -c)
  type=application/vnd.oci.image.manifest.v1+json
  entry() { # OS ARCHITECTURE
    printf '{"mediaType":"%s","digest":"sha256:%s","size":%s,"platform":{"os":"%s","architecture":"%s"}}' \
      "$type" "$here_is" "$size" "$1" "$2"
  }
  index="{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[$(entry unknown unknown),$(entry linux "$architecture")]}"
  curl -sf -X PUT -H 'Content-Type: application/vnd.oci.image.index.v1+json' --data-binary "$index" \
    "http://$host/v2/web/manifests/all"
  "$plyfs" pull "$host/web:all" >out
  of_index=$(printf %s "$index" | sha256sum | cut -d ' ' -f 1)
  grep -q "^Digest: sha256:$of_index\$" out || fail "$(cat out)"
  equal "[\"$host/web@sha256:$of_index\"]" "$("$plyfs" inspect -f '{{json .RepoDigests}}' "$host/web:all")" digests
  refused 1 'has no image for linux/riscv64, only for \[linux/' \
    "$plyfs" pull --platform linux/riscv64 "$host/web:all"
}

login_isNeeded_andKeptForThisUserAlone() {
  htpasswd -Bbn me 's3cret word' >users
  registry "auth: {htpasswd: {realm: test, path: $PWD/users}}"
  copy --dest-tls-verify=false --dest-creds 'me:s3cret word' "docker-archive:$image/sample.tar" \
    "docker://$host/web:1"
  refused 1 "status 401" "$plyfs" pull "$host/web:1"
  printf 'wrong' >password
  code=0
  "$plyfs" login -u me --password-stdin "$host" <password >out 2>err || code=$?
  equal 1 "$code" 'exit code'
  grep -q '^plyfs: the login is refused: .*401' err || fail "$(cat err)"
  [ ! -e docker/config.json ] || fail 'a wrong password is kept'
  mkdir docker
  echo '{"detachKeys":"ctrl-e,e"}' >docker/config.json
  printf 's3cret word\n' | "$plyfs" login -u me --password-stdin "$host" >out 2>err
  equal 'Login Succeeded' "$(cat out)" login
  grep -q "^WARNING! Your credentials are stored unencrypted in '$PWD/docker/config.json'.\$" err || fail "$(cat err)"
  equal 600 "$(stat -c %a docker/config.json)" mode
  equal 'ctrl-e,e' "$(jq -r .detachKeys docker/config.json)" 'what was in the file'
  "$plyfs" pull -q "$host/web:1" >/dev/null
  "$plyfs" tag "$host/web:1" "$host/web:2"
  "$plyfs" push -q "$host/web:2" >/dev/null
  # The same file for skopeo.
  skopeo inspect --tls-verify=false --authfile docker/config.json "docker://$host/web:2" >/dev/null
  equal 'Login Succeeded' "$("$plyfs" login "$host" 2>/dev/null | tail -n 1)" 'login with what is kept'
  equal "Removing login credentials for $host" "$("$plyfs" logout "$host")" logout
  equal "Not logged in to $host" "$("$plyfs" logout "$host")" 'second logout'
  refused 1 "status 401" "$plyfs" pull "$host/web:1"
  refused 1 'standard input is not a terminal' "$plyfs" login "$host"
  refused 2 'needs a name: give --username NAME' "$plyfs" login --password-stdin "$host"
  if command -v podman >/dev/null; then
    printf 's3cret word' | env -u DOCKER_CONFIG podman login --tls-verify=false --authfile runtime/containers/auth.json \
      -u me --password-stdin "$host" >/dev/null
    "$plyfs" pull -q "$host/web:1" >/dev/null
    "$plyfs" logout "$host" >/dev/null
    refused 1 "status 401" "$plyfs" pull "$host/web:1"
  fi
  if command -v docker >/dev/null; then
    printf 's3cret word' | "$plyfs" login -u me --password-stdin "$host" >/dev/null 2>&1
    docker --config docker logout "$host" >out
    grep -q "^Removing login credentials for $host\$" out || fail "$(cat out)"
  fi
}

credentialHelper_isAsked_andGetsNoSecretAsArgument() {
  htpasswd -Bbn me word >users
  registry "auth: {htpasswd: {realm: test, path: $PWD/users}}"
  mkdir bin docker
  cat >bin/docker-credential-test <<END
#!/bin/sh
echo "\$*" >>$PWD/arguments
case \$1 in
store) cat >$PWD/kept ;;
get) [ -f $PWD/kept ] && cat $PWD/kept || { echo 'credentials not found in native keychain'; exit 1; } ;;
erase) rm $PWD/kept ;;
esac
END
  chmod +x bin/docker-credential-test
  PATH=$PWD/bin:$PATH
  echo '{"credsStore":"test"}' >docker/config.json
  printf word | "$plyfs" login -u me --password-stdin "$host" >out 2>err
  equal '' "$(cat err)" 'warning'
  ! grep -q word arguments docker/config.json || fail 'the secret is not with the helper alone'
  equal word "$(jq -r .Secret kept)" 'what is kept'
  refused 1 'manifest unknown' "$plyfs" pull "$host/web:1"
  "$plyfs" logout "$host" >/dev/null
  [ ! -e kept ] || fail 'kept after logout'
}

# certificate NAME SUBJECT-ALTERNATIVE: signed by the authority
certificate() {
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -subj "/CN=$1" -out "$1.csr" 2>/dev/null
  printf 'subjectAltName=%s\n' "$2" >extension
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile extension \
    -out "$1.cert" 2>/dev/null
}

tls_needsTheAuthority_andTheCertificateOfTheClient() {
  openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -subj /CN=authority -days 2 -out ca.crt 2>/dev/null
  certificate server IP:127.0.0.1
  certificate me DNS:me
  registry "  tls: {certificate: $PWD/server.cert, key: $PWD/server.key, clientcas: [$PWD/ca.crt]}"
  mkdir certificates
  cp ca.crt certificates
  refused 1 "^plyfs: cannot trust the registry $host: .*put its authority into /etc/docker/certs.d/$host/ca.crt, or say --tls-verify=false" \
    "$plyfs" pull "$host/web:1"
  refused 1 . "$plyfs" pull --cert-dir certificates "$host/web:1"
  ! grep -q 'manifest unknown' err || fail 'taken without the certificate of the client'
  cp me.cert me.key certificates
  refused 1 "answers 'manifest unknown'" "$plyfs" pull --cert-dir certificates "$host/web:1"
  openssl rsa -traditional -in me.key -out certificates/me.key 2>/dev/null
  grep -q 'BEGIN RSA' certificates/me.key || fail 'not PKCS 1'
  "$plyfs" load "$image/sample.tar" >/dev/null
  "$plyfs" tag plyfs-sample "$host/web:1"
  "$plyfs" push -q --cert-dir certificates "$host/web:1" >/dev/null
  "$plyfs" pull -q --store other --cert-dir certificates "$host/web:1" >/dev/null
  rm certificates/ca.crt
  refused 1 'cannot trust the registry' "$plyfs" pull --cert-dir certificates "$host/web:1"
  "$plyfs" pull -q --tls-verify=false --cert-dir certificates "$host/web:1" >/dev/null
  # The usual directory, in a mount namespace of its own.
  cp ca.crt certificates
  mkdir -p /etc/containers
  unshare -m sh -ec 'mount -t tmpfs none /etc/containers
    mkdir -p "/etc/containers/certs.d/$1"
    cp certificates/* "/etc/containers/certs.d/$1"
    exec "$2" pull -q "$1/web:1"' sh "$host" "$plyfs" >/dev/null
}

killedPulls_leaveAStoreThatTheNextOneCompletes() {
  registry
  mkdir tree
  head -c 30000000 /dev/urandom >tree/random

  tar -C tree -cf layer.tar random
  diff_id=$(sha256sum layer.tar | cut -d ' ' -f 1)
  printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$diff_id" >config.json
  printf '[{"Config":"config.json","RepoTags":["big:1"],"Layers":["layer.tar"]}]' >manifest.json
  tar -cf big.tar config.json manifest.json layer.tar
  copy --dest-tls-verify=false "docker-archive:big.tar" "docker://$host/big:1"
  offer web:1 gzip
  "$plyfs" pull -q "$host/web:1" >/dev/null
  for delay in 0.6 0.9 1.2 1.5 1.9; do
    timeout -s KILL "$delay" "$plyfs" pull "$host/big:1" >/dev/null 2>&1 || :
    "$plyfs" verify -q "$host/web:1"
  done
  "$plyfs" pull "$host/big:1" >/dev/null
  equal '' "$(ls store/tmp)" 'what is left'
  "$plyfs" verify -q
}

pullsAtOnce_doNotDisturbEachOther() {
  registry
  offer web:1 gzip
  offer web:2 zstd
  for i in 1 2 3; do
    "$plyfs" pull -q "$host/web:$((i % 2 + 1))" >"out.$i" 2>&1 &
    eval "pull$i=\$!"
  done
  # shellcheck disable=SC2154
  for pull in "$pull1" "$pull2" "$pull3"; do
    wait "$pull" || fail "$(cat out.*)"
  done
  equal '' "$(ls store/tmp)" 'what is left'
  "$plyfs" verify -q
}

damagedLayer_isRepairedFromTheRegistry() {
  registry
  offer web:1 gzip
  "$plyfs" pull -q "$host/web:1" >/dev/null
  echo changed >>"$(find store/overlay2 -name hello)"
  refused 1 . "$plyfs" verify -q --repair /missing.tar
  "$plyfs" verify --repair "$host/web:1" >out
  grep -q '^Repaired: sha256:' out || fail "$(cat out)"
  "$plyfs" verify -q
}

terminal_showsOneLineForEachLayer() {
  command -v script >/dev/null || skip 'needs script(1)'
  registry
  offer web:1 gzip
  script -qec "$plyfs pull $host/web:1" /dev/null >out </dev/null
  equal 3 "$(grep -c ': Pulling fs layer' out)" 'lines'
  grep -q 'Pull complete' out || fail "$(cat out)"
}

registryThatIsNotThere_isSaid() {
  registry
  kill "$server"
  wait "$server" 2>/dev/null || :
  refused 1 "^plyfs: cannot reach $host: Connection refused\$" "$plyfs" pull "$host/web:1"
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
