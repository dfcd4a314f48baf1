#!/bin/bash
# i03  models on the command line: convert, info, and models that must be refused without leaving a file
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
small=tests/data/small.pth
published=../shared/data/tisrover_plus/tis_rover_plus

# --- convert and info
check "a state dict becomes model.h5" "$MUTAGREE" convert --model $small --out "$folder/a.h5" --note "from a test"
check "model.h5 becomes safetensors" "$MUTAGREE" convert --model "$folder/a.h5" --out "$folder/b.safetensors"
check "and model.h5 again, without --arch" "$MUTAGREE" convert --model "$folder/b.safetensors" --out "$folder/c.h5"
check "which is the same file" cmp "$folder/a.h5" "$folder/c.h5"
check_output "info tells the note" 'notes +from a test' "$MUTAGREE" info "$folder/c.h5"
check_output "info tells a layer" '^  5 +dense +6 x 5 +1 x 2 ' "$MUTAGREE" info "$folder/c.h5"
check_output "info --json tells the window" '"window": 12' "$MUTAGREE" info "$folder/c.h5" --json
check_output "the model that comes with mutagree has a name" 'kind +network' \
    env MUTAGREE_SHARE=share "$MUTAGREE" info tis-human
check "it is written again as it is" "$MUTAGREE" convert --model share/models/tis-human.h5 --out "$folder/human.h5"
check "byte for byte" cmp share/models/tis-human.h5 "$folder/human.h5"
cp $small "$folder/alone.pth"
check_output "info lists the weights of a file without layers" '^  5.weight +2 x 30' "$MUTAGREE" info "$folder/alone.pth"
check_output "info of sequences" 'sequences +14$' "$MUTAGREE" info share/example/transcripts.fa.gz
check_output "info of an annotation" 'kind +annotation' "$MUTAGREE" info share/example/annotation.gtf.gz
check_output "info of something else" 'of no kind that mutagree knows' "$MUTAGREE" info Makefile
if [ -r $published.pth ]; then
    check_output "the published network" 'weights +130,530' "$MUTAGREE" info $published.pth --arch tisrover+
    for format in pth safetensors h5; do
        "$MUTAGREE" convert --model $published.$format --arch tisrover+ --out "$folder/$format.h5" 2>/dev/null
    done
    check "is the same from pth and safetensors" cmp "$folder/pth.h5" "$folder/safetensors.h5"
    check "and from a foreign HDF5 file" cmp "$folder/pth.h5" "$folder/h5.h5"
else
    skip "the published network" "no $published.pth"
fi

# --- what is refused
out=$folder/out.h5
refuse() { # STATUS REGEX NAME OPTION...: convert must fail so, and leave neither out.h5 nor out.h5.part
    local status=$1 regex=$2 name=$3
    shift 3
    absent=$out expect_failure "$status" "$regex" "$name" "$MUTAGREE" convert --out "$out" "$@"
    [ -e "$out.part" ] && not_ok "$name leaves no part" && rm "$out.part"
}
header() { printf "window %s\nanchor 2\nlayers\nSequential(\n" "$1"; cat; printf ")\n"; }

refuse 2 'needs --model FILE and --out FILE' "no model"
refuse 1 'no-such.pth: No such file' "a model that is not there" --model "$folder/no-such.pth"
refuse 1 'alone.pth holds weights only: give --arch tisrover\+ or tisrover, or --arch FILE' "no layers" --model "$folder/alone.pth"
refuse 1 "small.pth with tisrover\+ line 10: .* needs a tensor features.0.weight" "layers of another network" \
    --model $small --arch tisrover+
sed 's/(4, 5, kernel_size=(3,)/(4, 5, kernel_size=(7,)/' tests/data/small.arch >"$folder/shape.arch"
refuse 1 'line 7: 0.weight is 5 x 4 x 3 but Conv1d\(4, 5, kernel_size=\(7,\).* needs 5 x 4 x 7' "a wrong shape" \
    --model $small --arch "$folder/shape.arch"
sed 's/^window 12/window 5/; s/^anchor 4/anchor 0/; s/MaxPool1d(kernel_size=2/MaxPool1d(kernel_size=6/' \
    tests/data/small.arch >"$folder/short.arch"
refuse 1 'line 10: 3 MaxPool1d.* needs 6 positions and gets 5: a window of 5 bases is too short' "a window too short" \
    --model $small --arch "$folder/short.arch"
echo '(0): GroupNorm(4, 32)' | header 12 >"$folder/kind.arch"
refuse 1 'line 5: 0 GroupNorm cannot be explained by mutagree; known layers are Conv1d' "a layer we do not know" \
    --model $small --arch "$folder/kind.arch"

head -c 40 "$folder/b.safetensors" >"$folder/cut.safetensors"
refuse 1 'cut.safetensors: its safetensors header claims [0-9]+ bytes, but the file ends after 32' \
    "safetensors cut in its header" --model "$folder/cut.safetensors"
head -c -1 "$folder/b.safetensors" >"$folder/cut.safetensors"
refuse 1 'cut.safetensors: its tensor .* lies at bytes .* is the file truncated' "safetensors cut in its numbers" \
    --model "$folder/cut.safetensors"
head -c 1000 $small >"$folder/cut.pth"
refuse 1 'cut.pth: its zip directory cannot be read' "a state dict cut off" --model "$folder/cut.pth"
head -c 2000 "$folder/a.h5" >"$folder/cut.h5"
refuse 1 'cut.h5: its HDF5 structure cannot be read' "an HDF5 file cut off" --model "$folder/cut.h5"
header='{"0.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"0.weight":{"dtype":"F32","shape":[1,48],"data_offsets":[4,196]}}'
{ printf '%b' "\\x$(printf %x ${#header})\\0\\0\\0\\0\\0\\0\\0"; printf %s "$header"; head -c 192 /dev/zero; printf '\0\0\300\177'; } >"$folder/nan.safetensors"
echo '(0): Linear(48, 1)' | header 12 >"$folder/nan.arch"
refuse 1 'nan.arch line 5: 0.weight\[0, 47\] is NaN' "a weight that is no number" --model "$folder/nan.safetensors"

# The zip of a state dict whose pickle calls posix.system("touch pwned").
base64 -d >"$folder/call.pth" <<'END'
UEsDBBQAAAAAAAAAIQBrUwBGIwAAACMAAAAKAAAAYS9kYXRhLnBrbIACY3Bvc2l4CnN5c3RlbQpYCwAAAHRvdWNoIHB3bmVkhVIu
UEsBAhQDFAAAAAAAAAAhAGtTAEYjAAAAIwAAAAoAAAAAAAAAAAAAAIABAAAAAGEvZGF0YS5wa2xQSwUGAAAAAAEAAQA4AAAASwAA
AAAA
END
refuse 1 "call.pth: refuses to run 'posix.system' \(pickle global\); a state dict holds tensors only" \
    "a pickle that calls a function" --model "$folder/call.pth"
check "which was not called" test ! -e pwned
printf '\x80\x02cposix\nsystem\n(X\x08\0\0\0touch /xtR.' >"$folder/old.pth"
refuse 1 'old.pth: it is a pickle, but none that torch.save\(\) made' "an old pickle" \
    --model "$folder/old.pth"

refuse 1 '--arch nonesuch is neither a built-in architecture \(tisrover\+ or tisrover\) nor a file' "an unknown architecture" \
    --model $small --arch nonesuch
expect_failure 1 'c.h5 is there already; give --force' "an existing file" "$MUTAGREE" convert --model $small --out "$folder/c.h5"
check "is replaced with --force" "$MUTAGREE" convert --model $small --out "$folder/c.h5" --force
absent=$folder/c.onnx expect_failure 2 'models are written as .h5 or .safetensors' "an ending we do not write" \
    "$MUTAGREE" convert --model $small --out "$folder/c.onnx"
expect_failure 1 'cannot create .*: No such file or directory' "a folder that is not there" \
    "$MUTAGREE" convert --model $small --out "$folder/none/c.h5"
absent=$folder/full.h5 expect_failure 1 'File too large' "a full disk" \
    bash -c 'trap "" XFSZ; ulimit -f 1; exec "$@"' limited "$MUTAGREE" convert --model $small --out "$folder/full.h5"
expect_failure 2 'info needs the name of one file' "info of nothing" "$MUTAGREE" info
expect_failure 1 'no-such: No such file' "info of a file that is not there" "$MUTAGREE" info "$folder/no-such"
# --- print(model) leaves out what forward() does ---
sed '/ReLU/d' tests/data/small.arch >"$folder/linear.arch"
warned() { "$MUTAGREE" info tests/data/small.pth --arch "$1" 2>&1 >/dev/null; }
check_output "no activation between two layers with weights is warned of" \
    'warning: .*linear.arch lines 7 and 11: no activation stands between 0 and 5' warned "$folder/linear.arch"
check "and where there is one, nothing is said" test -z "$(warned tests/data/small.arch)"
sed 's/^Sequential/ResidualBlock/' tests/data/small.arch >"$folder/block.arch"
refuse 1 'block.arch line 6: ResidualBlock is no chain of layers by its name' "a residual block" --model tests/data/small.pth \
    --arch "$folder/block.arch"
finish
