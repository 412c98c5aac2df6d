#!/bin/sh
# What images are shown as: images, history, inspect, with Docker's flags, columns and templates.
. "$(dirname "$0")/lib.sh"
require_mounts
command -v python3 >/dev/null || {
  echo "skip all: needs python3"
  exit 0
}
image=$(mktemp -d)
trap 'rm -rf "$image"' EXIT
python3 "$here/archive.py" "$image/images.tar"
demo=localhost:5000/demo:1
PLYFS_STORE=$image/store
export PLYFS_STORE
"$plyfs" load "$image/images.tar" >/dev/null

# A store of its own, for a scenario that changes it.
changeable() {
  cp -a "$PLYFS_STORE" store
  PLYFS_STORE=$PWD/store
  database=store/image/overlay2
}

# code COMMAND...: its exit code, its output in the files out and err
code() {
  result=0
  "$@" >out 2>err || result=$?
}

# podman with a store of its own, which has the same images
elsewhere() {
  podman --root "$PWD/podman" --runroot "$PWD/run" --storage-driver vfs "$@" 2>podman.err
}

podmans() {
  command -v podman >/dev/null || skip 'needs podman'
  elsewhere load -i "$image/images.tar" >/dev/null || skip "podman cannot load: $(tail -1 podman.err)"
}

images_hasALineForEachName_newestFirst() {
  "$plyfs" images >out
  equal 'REPOSITORY             TAG       IMAGE ID       CREATED       SIZE' "$(head -1 out)" heading
  equal "$(printf '%s\n' 'localhost:5000/demo 1' 'localhost:5000/demo latest' \
    'localhost:5000/other x' '<none> <none>' 'localhost:5000/base 1')" \
    "$("$plyfs" images --format '{{.Repository}} {{.Tag}}')" names
  equal "$(printf '%s\n' 4.26MB 4.26MB 4.26MB 2kB 4.26MB)" "$("$plyfs" images --format '{{.Size}}')" sizes
  equal 5 "$("$plyfs" images -q -a | grep -Ec '^[0-9a-f]{12}$')" 'short IDs'
  equal 5 "$("$plyfs" images -q --no-trunc | grep -Ec '^sha256:[0-9a-f]{64}$')" 'long IDs'
  equal 'REPOSITORY             TAG       DIGEST    IMAGE ID       CREATED       SIZE' \
    "$("$plyfs" images --digests | head -1)" 'heading with digests'
}

images_areTheOnesThatPodmanLists() {
  podmans
  elsewhere images --no-trunc --format '{{.ID}} {{.Repository}} {{.Tag}}' | sort >theirs
  "$plyfs" images --no-trunc --format '{{.ID}} {{.Repository}} {{.Tag}}' | sort >ours
  diff theirs ours
}

# tags ARGUMENTS...: the names that images lists, in one line
tags() {
  "$plyfs" images --format '{{.Repository}}:{{.Tag}}' "$@" | sed 's|localhost:5000/||' | paste -sd' '
}

filters_areDockers() {
  equal '<none>:<none>' "$(tags -f dangling=true)" dangling=true
  equal 'demo:1 demo:latest other:x base:1' "$(tags -f dangling=false)" dangling=false
  equal 'demo:1 demo:latest other:x' "$(tags -f label=org.example.kind)" label
  equal '<none>:<none>' "$(tags -f label=version=2)" 'label with value'
  equal '' "$(tags -f label=version=2 -f label=org.example.kind)" 'two labels'
  equal '<none>:<none> base:1' "$(tags -f before=$demo)" before
  equal 'demo:1 demo:latest other:x <none>:<none>' "$(tags -f since=localhost:5000/base:1)" since
  equal 'demo:1 base:1' "$(tags -f 'reference=localhost:5000/*:1')" reference
  equal 'demo:1 other:x' "$(tags -f reference=$demo -f reference=localhost:5000/other)" 'two references'
  equal 'demo:1 demo:latest' "$(tags localhost:5000/demo)" repository
  equal 'demo:latest' "$(tags localhost:5000/demo:latest)" 'repository and tag'
  equal '' "$(tags demo)" 'a part of a name'
  code "$plyfs" images -f colour=red
  equal '2 plyfs: there is no filter '\''colour'\'': the filters are before, dangling, label, reference, since' \
    "$result $(cat err)" 'unknown filter'
  code "$plyfs" images -f before=nosuch
  equal "1 plyfs: there is no image 'nosuch' in the store $PLYFS_STORE" "$result $(cat err)" 'unknown image'
}

history_showsStepsWithTheirLayers() {
  "$plyfs" history $demo >out
  grep -Eq '^IMAGE +CREATED +CREATED BY +SIZE +LAYER +COMMENT$' out || fail "$(cat out)"
  equal "$(printf '%s\n' '2 2kB' ' 0B' ' 0B' '1 4.26MB')" \
    "$("$plyfs" history --format '{{.Layer}} {{.Size}}' $demo)" 'layers and sizes'
  equal 'RUN /bin/sh -c set -e; echo 0123456789012345…' \
    "$("$plyfs" history --format '{{.CreatedBy}}' $demo | head -1)" 'a long command'
  equal "$(printf '%s\n' 2000 0 0 4260000)" "$("$plyfs" history --human=false --format '{{.Size}}' $demo)" bytes
  equal 2024-02-03T04:05:06Z "$("$plyfs" history -H=false $demo | awk 'NR == 2 { print $2 }')" time
  equal "$("$plyfs" images -q $demo)" "$("$plyfs" history -q $demo | head -1)" 'ID of the last step'
  equal 3 "$("$plyfs" history -q $demo | grep -c '<missing>')" 'other steps'
  # The numbers are those of tree.
  "$plyfs" tree --json $demo | python3 -c '
import json, sys
for each in json.load(sys.stdin)["layers"]: print(each["layer"], each["createdBy"])' | sort >tree
  "$plyfs" history --json $demo | python3 -c '
import json, sys
for line in sys.stdin:
    step = json.loads(line)
    if "layer" in step: print(step["layer"], step["createdBy"])' | sort >history
  diff tree history
}

history_isTheOneThatPodmanShows() {
  podmans
  for form in '{{.CreatedBy}}|{{.Comment}}' '{{.ID}}'; do
    elsewhere history --no-trunc --format "$form" $demo | tr '\t' ' ' >theirs
    "$plyfs" history --no-trunc --format "$form" $demo | sed 's/^sha256://' >ours
    # podman knows the image below by its own ID, as it has it, too; Docker does not.
    [ "$form" != '{{.ID}}' ] || sed -i '2,$d' theirs ours
    diff theirs ours
  done
}

inspect_isDockersObject() {
  "$plyfs" inspect $demo >out
  equal '[' "$(head -1 out)" 'first line'
  equal '        "Id": "sha256:' "$(sed -n '3s/[0-9a-f]\{64\}",//p' out)" 'indent'
  python3 - <<'EOF' >err || fail "$(cat err)"
import json
import os
[image] = json.load(open("out"))
data = image["GraphDriver"]["Data"]
assert list(image) == [
    "Id", "RepoTags", "RepoDigests", "Parent", "Comment", "Created", "Author", "Architecture",
    "Os", "Size", "GraphDriver", "RootFS", "Metadata", "Config"], list(image)
assert image["GraphDriver"]["Name"] == "overlay2"
assert sorted(data) == ["LowerDir", "MergedDir", "UpperDir", "WorkDir"]
assert os.path.getsize(data["UpperDir"] + "/top") == 1500
assert os.path.getsize(data["LowerDir"] + "/base") == 4260000
assert image["Size"] == 4262000
assert image["Comment"] == "buildkit.dockerfile.v0"
assert image["Config"]["Entrypoint"] is None
assert image["Metadata"]["LastTagTime"][4] == "-"
EOF
  "$plyfs" inspect -f '{{json .}}' $demo >template
  "$plyfs" inspect --json $demo >line
  python3 -c '
import json
[image] = json.load(open("out"))
assert image == json.load(open("template")) == json.load(open("line"))' || fail 'json differs'
}

inspect_templates_giveWhatPodmanGives() {
  podmans
  for form in '{{json .Config.Labels}}' '{{.Config.Cmd}}' '{{json .Config.Env}}' \
    '{{.Config.Entrypoint}}' '{{.Config.WorkingDir}}' '{{.RootFS.Type}}' '{{len .RootFS.Layers}}' \
    '{{range .RootFS.Layers}}{{.}} {{end}}' '{{.Author}} {{.Os}} {{.Architecture}}' \
    '{{index .Config.Labels "nope"}}' '{{.Config.Labels.nope}}' '{{.Config.User}}' \
    '{{.Config.ExposedPorts}}' '{{json .Config.Cmd}}' '{{join .Config.Env ","}}' \
    '{{range $k, $v := .Config.Labels}}{{$k}}={{$v}};{{end}}' \
    '{{if .Config.Entrypoint}}yes{{else}}no{{end}}' '{{index .Config.Cmd 0 | printf "%-5s|"}}' \
    '{{with .Config.Env}}{{slice . 1}}{{end}}' '{{- .Os -}}  x' '{{upper .Os}} {{title .Os}}'; do
    elsewhere image inspect -f "$form" $demo >theirs
    "$plyfs" inspect -f "$form" $demo >ours
    diff theirs ours || fail "$form"
  done
}

inspect_saysWhatIsMissing_andShowsTheRest() {
  code "$plyfs" inspect -f '{{.RepoTags}}' nosuch $demo 'no such'
  equal 1 "$result" 'exit code'
  equal '[localhost:5000/demo:1 localhost:5000/demo:latest localhost:5000/other:x]' "$(cat out)" output
  equal "$(printf "plyfs: there is no image '%s' in the store $PLYFS_STORE\n" nosuch 'no such')" \
    "$(cat err)" complaints
  code "$plyfs" inspect nosuch
  equal '1 []' "$result $(cat out)" 'nothing found'
  code "$plyfs" inspect -f '{{.Idd}}' $demo
  grep -q "^plyfs: template parsing error: character 3: there is no field 'Idd': the fields are .*Id, " err ||
    fail "$(cat err)"
  equal 2 "$result" 'exit code of a wrong template'
  code "$plyfs" inspect --type volume $demo
  equal 2 "$result" 'exit code of another type'
}

damagedConfiguration_hidesNoOtherImage() {
  changeable
  base=$("$plyfs" images --no-trunc -q localhost:5000/base)
  : >"$database/imagedb/content/sha256/${base#sha256:}"
  code "$plyfs" images --format '{{.Repository}}:{{.Tag}}'
  equal 1 "$result" 'exit code'
  equal 4 "$(wc -l <out)" 'images that are left'
  equal 1 "$(wc -l <err)" 'sentences'
  grep -q '^plyfs: image localhost:5000/base:1, .* cannot be read: .* is damaged' err || fail "$(cat err)"
  "$plyfs" history $demo >/dev/null
  : >"$database/repositories.json"
  code "$plyfs" images --format '{{.Repository}}:{{.Tag}}'
  equal "$(printf '<none>:<none>\n<none>:<none>')" "$(cat out)" 'images without names'
  "$plyfs" inspect -f '{{.Os}}' "$("$plyfs" images -q 2>err | head -1)" >/dev/null
}

# ESC in a name or a command is data, and never obeyed by the terminal.
escapeCharacters_areShown_notObeyed() {
  changeable
  sed -i 's|localhost:5000/demo:1|localhost:5000/d\\u001b[31mmo:1|' "$database/repositories.json"
  "$plyfs" images >out
  ! grep -q "$(printf '\033')" out || fail 'raw escape in a table'
  grep -qF '\x1b[31m' out || fail "$(cat out)"
  ! "$plyfs" images --format '{{.Repository}}' | grep -q "$(printf '\033')" || fail 'raw escape in a template'
}

# pruned ARGUMENTS...: how many images prune would take
pruned() {
  "$plyfs" prune --dry-run "$@" | grep -cF "$("$plyfs" images -q --no-trunc | sort -u)" || :
}

prune_takesImagesByTheirLabels() {
  equal 3 "$(pruned -a)" all
  equal 1 "$(pruned)" dangling
  equal 3 "$(pruned --filter dangling=false)" 'as -a'
  equal 2 "$(pruned -a --filter label=version)" label
  equal 1 "$(pruned -a --filter label=version=2)" 'label with value'
  equal 2 "$(pruned -a --filter label!=org.example.kind)" 'without a label'
  equal 2 "$(pruned -a --filter label!=version=2)" 'without a label with a value'
  equal 0 "$(pruned --filter label!=version)" 'dangling, and without a label'
  code "$plyfs" prune -a -f --filter colour=red
  equal "2 plyfs: there is no filter 'colour': the filters are dangling, label, label!, until" \
    "$result $(cat err)" 'unknown filter'
}

df_takesFormats_asDocker() {
  equal 'Images:3:0:4.26MB:4.26MB (100%)' \
    "$("$plyfs" df --format '{{.Type}}:{{.TotalCount}}:{{.Active}}:{{.Size}}:{{.Reclaimable}}' | head -1)" row
  equal '{"Active":"0","Reclaimable":"0B","Size":"0B","TotalCount":"0","Type":"Local Volumes"}' \
    "$("$plyfs" df --format json | tail -1)" json
  equal '{"type":"Images","total":3,"active":0,"bytes":4264000,"reclaimableBytes":4264000}' \
    "$("$plyfs" df --json | head -1)" --json
  equal 3 "$("$plyfs" df -v --format '{{range .Images}}{{println .ID}}{{end}}' | grep -c '^sha256:')" '-v, template'
  equal '[2000,2000,0]' "$("$plyfs" df -v --json |
    python3 -c 'import json,sys; print([json.loads(l)["uniqueBytes"] for l in sys.stdin])' | tr -d ' ')" '-v --json'
  "$plyfs" df -v --format json | python3 -c '
import json, sys
all = json.load(sys.stdin)
assert list(all) == ["Images", "Containers", "Volumes", "BuildCache"] and len(all["Images"]) == 3, all
assert all["Images"][0]["Repository"] == "localhost:5000/demo", all'
  code "$plyfs" df -v --format 'table {{.Type}}'
  equal 2 "$result" 'one table for three kinds'
  code "$plyfs" df --json --format json
  equal 2 "$result" 'two formats'
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
