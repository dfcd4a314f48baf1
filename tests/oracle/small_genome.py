#!/usr/bin/env python3
"""Makes the small genome of the tests and its annotation, in GTF and in GFF3: tests/data/small.{genome.fa,gtf,gff3}.

    cd tests/data && ../oracle/small_genome.py &&
    ../oracle/windows.py small.genome.fa small.gtf --fasta small.spliced.fa --bed small.starts.bed \
        --windows small.windows.tsv

Both strands, exons out of order, start codons over two and three exons, an exon of one base, starts told by start_codon
records and by the CDS alone, a CDS without its start (by phase, by tag), a start that is CTG, exons on two strands, a
chromosome that is missing, a transcript of three bases, one shared exon; lower case and N in the genome.
"""
import random

random.seed(2)
LENGTH = {"chrA": 2600, "chrB": 700}
genome = {name: [random.choice("ACGT") for _ in range(n)] for name, n in LENGTH.items()}

# name: chromosome, strand, exons (1-based, inclusive), first CDS base in the transcript (None: no CDS), CDS bases, codon
TRANSCRIPTS = {
    "plus1": ("chrA", "+", [(201, 500)], 50, 90, "ATG"),
    "noncoding": ("chrA", "+", [(201, 500)], None, 0, None),
    "plus3": ("chrA", "+", [(601, 660), (701, 800), (851, 1000)], 58, 120, "ATG"),
    "minus2": ("chrA", "-", [(1101, 1250), (1301, 1380)], 79, 60, "ATG"),
    "minus4": ("chrA", "-", [(1401, 1500), (1521, 1521), (1541, 1600), (1631, 1650)], 79, 66, "ATG"),
    "cdsonly": ("chrA", "-", [(1701, 1800), (1851, 1950)], 30, 81, "ATG"),
    "phase2": ("chrA", "+", [(2001, 2150)], 0, 61, None),
    "cut": ("chrA", "+", [(2201, 2300)], 3, 60, "ATG"),
    "ctg": ("chrB", "+", [(51, 150), (201, 300)], 70, 60, "CTG"),
    "three": ("chrB", "-", [(401, 403)], 0, 3, "ATG"),
    "nowhere": ("chrC", "+", [(101, 200)], 10, 30, None),
}
COMPLEMENT = dict(zip("ACGT", "TGCA"))


def positions(strand, exons):
    where = [p for begin, end in exons for p in range(begin, end + 1)]
    return where[::-1] if strand == "-" else where


def rows(where):
    """Runs of neighbouring positions as (begin, end, bases before the run)."""
    found = []
    for i, p in enumerate(where):
        if found and abs(p - found[-1][1]) == 1:
            found[-1][1] = p
        else:
            found.append([p, p, i])
    return [(min(a, b), max(a, b), before) for a, b, before in found]


for chromosome, strand, exons, first, _, codon in TRANSCRIPTS.values():
    for i, base in enumerate(codon or ""):
        p = positions(strand, exons)[first + i]
        genome[chromosome][p - 1] = base if strand == "+" else COMPLEMENT[base]
for p in 350, 351, 720, 1230:
    genome["chrA"][p] = "N"
genome["chrA"][1700:1960] = [base.lower() for base in genome["chrA"][1700:1960]]

with open("small.genome.fa", "w") as out:
    for name, sequence in genome.items():
        out.write(">%s made up\n" % name)
        for i in range(0, len(sequence), 60):
            out.write("".join(sequence[i : i + 60]) + "\n")

gtf, gff3 = open("small.gtf", "w"), open("small.gff3", "w")
gtf.write("#!genome-build made up\n")
gff3.write("##gff-version 3\n")


def write(name, kind, begin, end, phase, in_gff3=True, parents=None):
    chromosome, strand = TRANSCRIPTS[name][:2]
    columns = "%s\ttest\t%s\t%d\t%d\t.\t%s\t%s\t" % (chromosome, kind, begin, end, strand, phase)
    said = 'gene_id "g"; note "a; transcript_id \'x\'; b"; tag "basic"; transcript_id "%s"; ' % name
    tags = "basic,cds_start_NF" if name == "cut" else "basic"
    said += 'tag "cds_start_NF"; ' if name == "cut" else ""
    gtf.write(columns + said + "\n")
    if in_gff3:
        parent = ",".join("transcript:" + p for p in parents or [name])
        gff3.write("%sID=%s:%d;Parent=%s;tag=%s\n" % (columns, kind, begin, parent, tags))


for name, (chromosome, strand, exons, first, n_cds, codon) in TRANSCRIPTS.items():
    where = positions(strand, exons)
    gff3.write(
        "%s\ttest\tmRNA\t%d\t%d\t.\t%s\t.\tID=transcript:%s;Parent=gene:g;version=3\n"
        % (chromosome, min(where), max(where), strand, name)
    )
    for begin, end in exons if name != "plus3" else exons[1:] + exons[:1]:
        shared = ["plus1", "noncoding"] if name == "plus1" else None
        write(name, "exon", begin, end, ".", name != "noncoding", shared)
    if first is None:
        continue
    if codon and name not in ("cdsonly", "cut"):
        for begin, end, before in rows(where[first : first + 3]):
            write(name, "start_codon", begin, end, -before % 3, False)
    start = 2 if name == "phase2" else 0
    for begin, end, before in rows(where[first : first + n_cds]):
        write(name, "CDS", begin, end, (start - before) % 3)

TRANSCRIPTS["scattered"] = ("chrB", "+")
write("scattered", "exon", 501, 560, ".")
TRANSCRIPTS["scattered"] = ("chrB", "-")
write("scattered", "exon", 601, 660, ".")
